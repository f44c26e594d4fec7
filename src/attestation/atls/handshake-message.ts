import { joinBytes } from "../../lib/byte-stream.ts";
import { ContrastError } from "../../lib/errors.ts";

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
  #rest: Uint8Array = new Uint8Array();

  /** Whether a message has begun and not ended. */
  get isInsideMessage(): boolean {
    return this.#rest.length > 0;
  }

  /**
   * Takes the content of the next handshake record.
   *
   * @returns the messages that it completes
   * @throws ContrastError `atls/handshake-invalid` for a message of more than 128 KiB
   */
  push(content: Uint8Array): readonly HandshakeMessage[] {
    this.#rest = joinBytes([this.#rest, content]);
    const messages: HandshakeMessage[] = [];
    for (;;) {
      const [type, high, middle, low] = this.#rest;
      if (type === undefined || high === undefined || middle === undefined || low === undefined) return messages;
      const bodyBytes = high * 65_536 + middle * 256 + low;
      if (bodyBytes > MAX_MESSAGE_BYTES) {
        const fact = `got a handshake message of ${bodyBytes} bytes, want at most ${MAX_MESSAGE_BYTES}`;
        throw new ContrastError("atls/handshake-invalid", `Cannot read what the peer sends: ${fact}`);
      }
      const end = HEADER_BYTES + bodyBytes;
      if (this.#rest.length < end) return messages;
      messages.push({ type, body: this.#rest.slice(HEADER_BYTES, end) });
      this.#rest = this.#rest.slice(end);
    }
  }
}
