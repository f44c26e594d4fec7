import { joinBytes } from "../../../lib/byte-stream.ts";
import { ContrastError } from "../../../lib/errors.ts";

/** Types of handshake messages. */
export const MESSAGE_TYPE = {
  clientHello: 1,
  serverHello: 2,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  finished: 20,
  certificateStatus: 22,
} as const;

/** One message of a handshake. */
export interface HandshakeMessage {
  readonly type: number;
  /** Without the type and length in front. */
  readonly body: Uint8Array;
}

/** Certificates with evidence and its chain take some tens of KiB. */
const MAX_MESSAGE_BYTES = 128 * 1024;
const HEADER_BYTES = 4;

/**
 * Cuts the content of handshake records into messages: a record can hold several, and a message can span records.
 *
 * @see RFC 8446 section 4
 */
export class HandshakeMessageReader {
  /** What is no whole message yet. */
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Less than this cannot be read: pieces may be as small as a byte, and are put together once. */
  #needed = HEADER_BYTES;

  /** Whether a message has begun and not ended. */
  get isInsideMessage(): boolean {
    return this.#length > 0;
  }

  /**
   * Takes the content of the next handshake record.
   *
   * @returns the messages that it completes
   * @throws ContrastError `atls/handshake-invalid` for a message of more than 128 KiB
   */
  push(content: Uint8Array): readonly HandshakeMessage[] {
    this.#pieces.push(content);
    this.#length += content.length;
    if (this.#length < this.#needed) return [];
    const messages: HandshakeMessage[] = [];
    let rest = joinBytes(this.#pieces);
    for (let end = messageEnd(rest); end <= rest.length; end = messageEnd(rest)) {
      messages.push({ type: rest[0] ?? 0, body: rest.slice(HEADER_BYTES, end) });
      rest = rest.subarray(end);
    }
    this.#pieces = [rest.slice()];
    this.#length = rest.length;
    this.#needed = messageEnd(rest);
    return messages;
  }
}

/** Where the first message ends; where its header ends, as long as that is not there. */
function messageEnd([type, high, middle, low]: Uint8Array): number {
  if (type === undefined || high === undefined || middle === undefined || low === undefined) return HEADER_BYTES;
  const bodyBytes = high * 65_536 + middle * 256 + low;
  if (bodyBytes <= MAX_MESSAGE_BYTES) return HEADER_BYTES + bodyBytes;
  const fact = `got a handshake message of ${bodyBytes} bytes, want at most ${MAX_MESSAGE_BYTES}`;
  throw new ContrastError("atls/handshake-invalid", `Cannot read what the peer sends: ${fact}`);
}
