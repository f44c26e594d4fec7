import { sha256Hex } from "../../lib/digest.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import type { Crl } from "../../pki/x509/crl.ts";
import type { SignedDocument } from "./signed-document.ts";
import type { QeIdentity } from "./qe-identity.ts";
import type { TcbInfo } from "./tcb-info.ts";

/**
 * What earlier verifications already read and found signed, for a process that judges much evidence of few machines. Of
 * equal bytes there is one object, whose signature is verified once. Nothing else is remembered: dates, revocation and
 * TCB are judged each time, and so are the two signatures that belong to a single quote.
 */
export interface TdxMemo {
  readonly certificates: ReadOnce<Certificate>;
  readonly crls: ReadOnce<Crl>;
  readonly tcbInfos: ReadOnce<SignedDocument<TcbInfo>>;
  readonly qeIdentities: ReadOnce<SignedDocument<QeIdentity>>;
  /** Documents whose signature is good, by the certificate it was verified with. */
  readonly verifiedDocuments: WeakMap<object, Certificate>;
}

/**
 * @param maxEntries of each kind; the oldest is forgotten first
 */
export function createTdxMemo(maxEntries = 256): TdxMemo {
  return {
    certificates: new ReadOnce(maxEntries),
    crls: new ReadOnce(maxEntries),
    tcbInfos: new ReadOnce(maxEntries),
    qeIdentities: new ReadOnce(maxEntries),
    verifiedDocuments: new WeakMap(),
  };
}

/** Values by the bytes they were read from. */
export class ReadOnce<T> {
  readonly #values = new Map<string, T>();
  readonly #maxEntries: number;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /**
   * The value that was read from the same bytes before, or what `read` makes of them now.
   *
   * @param parts whose bytes together decide what is read
   * @param read may throw; then nothing is remembered
   */
  valueOf(parts: readonly (Uint8Array | string)[], read: () => T): T {
    const key = parts.map(sha256Hex).join();
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = read();
    const [oldest] = this.#values.keys();
    if (oldest !== undefined && this.#values.size >= this.#maxEntries) this.#values.delete(oldest);
    this.#values.set(key, value);
    return value;
  }
}
