import { ContrastError } from "../../lib/errors.ts";

/** Reads the fields of TLS structures; every length is checked before anything of it is read. */
export class TlsReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /**
   * @param bytes not modified; what is read shares their memory
   * @param what named in messages, such as `ServerHello`
   */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Whether all bytes were read. */
  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** A big-endian number of 1 to 3 bytes. */
  number(byteCount: 1 | 2 | 3): number {
    return this.bytes(byteCount).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** This many bytes. */
  bytes(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) {
      throw this.invalid(`at byte ${this.#at}: got ${this.#bytes.length - this.#at} bytes, need ${count}`);
    }
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** The content of a vector whose length stands before it. */
  vector(lengthBytes: 1 | 2 | 3): Uint8Array {
    return this.bytes(this.number(lengthBytes));
  }

  /** Refuses bytes that were not read. */
  end(): void {
    if (!this.isEmpty) throw this.invalid(`${this.#bytes.length - this.#at} bytes too many`);
  }

  /** The error for what a caller finds wrong. */
  invalid(fact: string): ContrastError {
    return new ContrastError("atls/handshake-invalid", `Cannot read ${this.#what}: ${fact}`, {
      details: { offset: this.#at },
    });
  }
}
