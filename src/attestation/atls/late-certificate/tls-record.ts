import { joinBytes } from "../../../lib/byte-stream.ts";
import { ContrastError } from "../../../lib/errors.ts";

/** Content types of records. */
export const RECORD_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** One record as it stands on the wire. */
export interface TlsRecord {
  /** One of `RECORD_TYPE`. */
  readonly type: number;
  /** Five bytes; the additional data of TLS 1.3's encryption. */
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

const HEADER_BYTES = 5;
/** What TLS 1.2 allows an encrypted record to have; that of TLS 1.3 is smaller. */
const MAX_BODY_BYTES = 2 ** 14 + 2048;
const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(RECORD_TYPE));
const MAJOR_VERSION = 3;

/**
 * Cuts a stream of bytes into TLS records.
 *
 * @see RFC 8446 section 5.1, RFC 5246 section 6.2
 */
export class TlsRecordReader {
  #rest: Uint8Array = new Uint8Array();

  /** What was received and is not a whole record yet. */
  get rest(): Uint8Array {
    return this.#rest;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @returns the records that they complete
   * @throws ContrastError `atls/not-tls` for what no record begins with, `atls/handshake-invalid` for too long a record
   */
  push(bytes: Uint8Array): readonly TlsRecord[] {
    const stream = joinBytes([this.#rest, bytes]);
    const records: TlsRecord[] = [];
    let at = 0;
    for (let end = recordEnd(stream, at); end !== undefined && end <= stream.length; end = recordEnd(stream, at)) {
      const bodyAt = at + HEADER_BYTES;
      records.push({ type: stream[at] ?? 0, header: stream.slice(at, bodyAt), body: stream.slice(bodyAt, end) });
      at = end;
    }
    this.#rest = stream.slice(at);
    return records;
  }
}

/** Where the record ends that begins at a place; undefined while that is not known. */
function recordEnd(stream: Uint8Array, at: number): number | undefined {
  const [type, major, , high, low] = stream.subarray(at, at + HEADER_BYTES);
  if ((type !== undefined && !KNOWN_TYPES.has(type)) || (major !== undefined && major !== MAJOR_VERSION)) {
    throw new ContrastError("atls/not-tls", "Cannot read what the peer sends: it does not begin like a TLS record");
  }
  if (high === undefined || low === undefined) return undefined;
  const bodyBytes = high * 256 + low;
  if (bodyBytes > MAX_BODY_BYTES) {
    const fact = `got a record of ${bodyBytes} bytes, want at most ${MAX_BODY_BYTES}`;
    throw new ContrastError("atls/handshake-invalid", `Cannot read what the peer sends: ${fact}`);
  }
  return at + HEADER_BYTES + bodyBytes;
}

/** A record as it stood on the wire. */
export function encodeRecord({ header, body }: TlsRecord): Uint8Array {
  return joinBytes([header, body]);
}
