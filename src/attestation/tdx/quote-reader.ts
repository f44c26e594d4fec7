import { ContrastError } from "../../lib/errors.ts";

/** Reads the fields of a quote one after the other: little-endian numbers and byte ranges, each checked for length first. */
export class QuoteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  /** @param bytes not modified; the ranges that are read share its memory */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next field begins, in bytes. */
  get offset(): number {
    return this.#offset;
  }

  /** @throws ContrastError `tdx/quote-invalid` when fewer bytes are left */
  take(size: number, field: string): Uint8Array {
    const begin = this.#reserve(size, field);
    return this.#bytes.subarray(begin, begin + size);
  }

  /** @throws ContrastError `tdx/quote-invalid` */
  u16(field: string): number {
    return this.#view.getUint16(this.#reserve(2, field), true);
  }

  /** @throws ContrastError `tdx/quote-invalid` */
  u32(field: string): number {
    return this.#view.getUint32(this.#reserve(4, field), true);
  }

  /** A reader of the next `size` bytes alone. @throws ContrastError `tdx/quote-invalid` */
  part(size: number, field: string): QuoteReader {
    return new QuoteReader(this.take(size, field));
  }

  /** All bytes that are left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#offset, "rest");
  }

  /** Insists on the end of the bytes. @throws ContrastError `tdx/quote-invalid` */
  end(part: string): void {
    const left = this.#bytes.length - this.#offset;
    if (left === 0) return;
    throw new ContrastError("tdx/quote-invalid", `Cannot read TDX quote: ${left} bytes too many in ${part}`, {
      details: { part, left },
    });
  }

  #reserve(size: number, field: string): number {
    const begin = this.#offset;
    const left = this.#bytes.length - begin;
    if (size > left) {
      throw new ContrastError("tdx/quote-invalid", `Cannot read TDX quote: got ${left} bytes, ${field} needs ${size}`, {
        hint: "Fetch the quote again; the saved one is incomplete or damaged.",
        details: { field, actual: left, expected: size },
      });
    }
    this.#offset = begin + size;
    return begin;
  }
}
