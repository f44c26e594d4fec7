import { sameBytes } from "../../../lib/same-bytes.ts";
import { type HandshakeMessage, HandshakeMessageReader, MESSAGE_TYPE } from "./handshake-message.ts";
import { TlsReader } from "../tls-reader.ts";
import { RECORD_TYPE, type TlsRecord, TlsRecordReader } from "./tls-record.ts";
import type { TrafficKeys } from "./traffic-keys.ts";

/**
 * Watches which certificate the client's own TLS stack sends: a stack that ignores a certificate chosen late answers with
 * none or with another, and all that a server would say about it is that it refuses the client.
 *
 * @see RFC 8446 section 4.4.2, RFC 5246 section 7.4.2
 */
export class SentCertificate {
  readonly #records = new TlsRecordReader();
  readonly #clear = new HandshakeMessageReader();
  readonly #encrypted = new HandshakeMessageReader();
  #certificateDer: Uint8Array | undefined;

  /** The first certificate that was sent, empty for none; undefined as long as no Certificate message was sent. */
  get certificateDer(): Uint8Array | undefined {
    return this.#certificateDer;
  }

  /**
   * Takes bytes that the client is about to send, until `certificateDer` is known.
   *
   * @param keys of the client's handshake messages; undefined as long as nothing is encrypted
   * @throws ContrastError `atls/handshake-invalid`
   */
  push(bytes: Uint8Array, keys: () => TrafficKeys | undefined): void {
    for (const record of this.#records.push(bytes)) {
      if (this.#certificateDer === undefined) this.#read(record, keys);
    }
  }

  #read(record: TlsRecord, keys: () => TrafficKeys | undefined): void {
    if (record.type === RECORD_TYPE.handshake) {
      for (const message of this.#clear.push(record.body)) this.#readMessage(message, false);
    } else if (record.type === RECORD_TYPE.applicationData) {
      const opened = keys()?.open(record);
      if (opened?.type !== RECORD_TYPE.handshake) return;
      for (const message of this.#encrypted.push(opened.content)) this.#readMessage(message, true);
    }
  }

  #readMessage({ type, body }: HandshakeMessage, isEncrypted: boolean): void {
    if (this.#certificateDer !== undefined || type !== MESSAGE_TYPE.certificate) return;
    const reader = new TlsReader(body, "the client's own Certificate message");
    if (isEncrypted) reader.vector(1); // context
    const list = new TlsReader(reader.vector(3), "the client's own certificates");
    reader.end();
    this.#certificateDer = list.isEmpty ? new Uint8Array() : list.vector(3);
  }

  /** Whether this certificate was sent. */
  is(certificateDer: Uint8Array): boolean {
    return this.#certificateDer !== undefined && sameBytes(this.#certificateDer, certificateDer);
  }
}
