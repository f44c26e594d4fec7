import { createDecipheriv, createHmac } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { joinBytes } from "../../../lib/byte-stream.ts";
import { ContrastError } from "../../../lib/errors.ts";
import { RECORD_TYPE, type TlsRecord } from "./tls-record.ts";

/** What was inside of an encrypted record. */
export interface InnerPlaintext {
  /** One of `RECORD_TYPE`. */
  readonly type: number;
  readonly content: Uint8Array;
}

interface Suite {
  readonly hash: "sha256" | "sha384";
  readonly keyBytes: number;
  readonly cipher: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
}

const SUITES: ReadonlyMap<number, Suite> = new Map([
  [0x1301, { hash: "sha256", keyBytes: 16, cipher: "aes-128-gcm" }],
  [0x1302, { hash: "sha384", keyBytes: 32, cipher: "aes-256-gcm" }],
  [0x1303, { hash: "sha256", keyBytes: 32, cipher: "chacha20-poly1305" }],
]);

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Opens the records that one side of a TLS 1.3 handshake sends under its handshake traffic secret, in their order.
 *
 * @see RFC 8446 sections 5.2, 5.3 and 7.3
 */
export class TrafficKeys {
  readonly #suite: Suite;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  #sequence = 0;

  /**
   * @param secret of one side, as long as the output of the suite's hash
   * @throws ContrastError `atls/handshake-invalid` for other suites than the three of RFC 8446 with 16-byte tags
   */
  constructor(cipherSuite: number, secret: Uint8Array) {
    const suite = SUITES.get(cipherSuite);
    if (suite === undefined) throw invalid(`cipher suite 0x${cipherSuite.toString(16)} is not known here`);
    this.#suite = suite;
    this.#key = expandLabel(suite.hash, secret, "key", suite.keyBytes);
    this.#iv = expandLabel(suite.hash, secret, "iv", IV_BYTES);
  }

  /**
   * Decrypts the next record.
   *
   * @returns its content without padding
   * @throws ContrastError `atls/handshake-invalid`
   */
  open({ header, body }: TlsRecord): InnerPlaintext {
    const plain = this.#decrypt(header, body);
    let end = plain.length;
    while (end > 0 && plain[end - 1] === 0) end--;
    const type = plain[end - 1];
    if (type !== RECORD_TYPE.handshake && type !== RECORD_TYPE.alert) {
      throw invalid(`an encrypted record of the handshake has content type ${type ?? "none"}`);
    }
    return { type, content: plain.subarray(0, end - 1) };
  }

  #decrypt(header: Uint8Array, body: Uint8Array): Uint8Array {
    const { cipher } = this.#suite;
    if (body.length <= TAG_BYTES) throw invalid(`an encrypted record has ${body.length} bytes`);
    const nonce = this.#nextNonce();
    try {
      if (cipher === "chacha20-poly1305") return chacha20poly1305(this.#key, nonce, header).decrypt(body);
      const decipher = createDecipheriv(cipher, this.#key, nonce);
      decipher.setAAD(header);
      decipher.setAuthTag(body.subarray(-TAG_BYTES));
      return joinBytes([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw invalid("an encrypted record cannot be opened", error);
    }
  }

  /** The static vector, with the number of the record added bitwise to its end. */
  #nextNonce(): Uint8Array {
    const nonce = this.#iv.slice();
    const view = new DataView(nonce.buffer);
    view.setUint32(IV_BYTES - 4, view.getUint32(IV_BYTES - 4) ^ this.#sequence);
    this.#sequence++;
    return nonce;
  }
}

/** HKDF-Expand-Label with an empty context; the output is never longer than one block of the hash. */
function expandLabel(hash: Suite["hash"], secret: Uint8Array, label: string, byteCount: number): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = Uint8Array.of(0, byteCount, name.length, ...name, 0, 1);
  return new Uint8Array(createHmac(hash, secret).update(info).digest()).subarray(0, byteCount);
}

function invalid(fact: string, cause?: unknown): ContrastError {
  return new ContrastError("atls/handshake-invalid", `Cannot read what the peer sends: ${fact}`, { cause });
}
