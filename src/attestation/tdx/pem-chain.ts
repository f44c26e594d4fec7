import { ContrastError } from "../../lib/errors.ts";
import { latin1Text } from "../../lib/latin1.ts";
import { type Certificate, parseCertificate } from "../../pki/x509/certificate.ts";
import type { ReadOnce } from "./tdx-memo.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]{1,32768})-----END CERTIFICATE-----[\r\n]*/y;
/** Some quote providers end the text as C does, others with white space. */
const TAIL = /[ \t\r\n]*\0?$/y;

/**
 * Reads certificates one after the other from a text that must hold nothing else: nothing before, between and behind them
 * but line breaks, and at the end white space and one NUL byte.
 */
export class PemChainReader {
  readonly #text: string;
  readonly #code: "tdx/pck-chain-invalid" | "tdx/collateral-invalid";
  readonly #what: string;
  readonly #known: ReadOnce<Certificate> | undefined;
  #count = 0;
  #at = 0;

  /**
   * @param pem ASCII
   * @param code of every error
   * @param what named in messages, such as `issuer chain of TCB info`
   * @param known certificates that were read before and need not be read again
   */
  constructor(
    pem: Uint8Array | string,
    code: "tdx/pck-chain-invalid" | "tdx/collateral-invalid",
    what: string,
    known?: ReadOnce<Certificate>,
  ) {
    this.#text = typeof pem === "string" ? pem : latin1Text(pem);
    this.#code = code;
    this.#what = what;
    this.#known = known;
  }

  /**
   * The next certificate.
   *
   * @param name for messages, such as `root certificate`
   * @throws ContrastError the code of the reader
   */
  certificate(name: string): Certificate {
    BLOCK.lastIndex = this.#at;
    const body = BLOCK.exec(this.#text)?.[1];
    if (body === undefined) throw this.#invalid(`got ${this.#count} certificates in PEM form, the ${name} is missing`);
    this.#at = BLOCK.lastIndex;
    this.#count++;
    try {
      const der = Uint8Array.fromBase64(body, { lastChunkHandling: "strict" });
      return this.#known?.valueOf([der], () => parseCertificate(der, name)) ?? parseCertificate(der, name);
    } catch (error) {
      throw this.#invalid(`the ${name} is malformed`, error);
    }
  }

  /** Insists on the end of the text. @throws ContrastError the code of the reader */
  end(): void {
    TAIL.lastIndex = this.#at;
    if (!TAIL.test(this.#text)) throw this.#invalid(`something follows after ${this.#count} certificates`);
  }

  #invalid(fact: string, cause?: unknown): ContrastError {
    return new ContrastError(this.#code, `Cannot read ${this.#what}: ${fact}`, { cause });
  }
}
