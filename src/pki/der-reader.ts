import { ContrastError } from "../lib/errors.ts";
import { decodeDerString, decodeDerTime, decodeOid } from "./der-content.ts";

/** One tag, length and value. Both views share the bytes that were read. */
export interface DerElement {
  readonly tag: number;
  /** The whole element. */
  readonly der: Uint8Array;
  readonly content: Uint8Array;
}

/** A character string with the tag that names its alphabet. */
export interface DerString {
  readonly tag: number;
  readonly value: string;
}

/** Tags that the room reads and writes; other tags are numbers. */
export const DER_TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const MAX_DEPTH = 16;
const MAX_INTEGER_BYTES = 1024;
const MAX_SMALL_INTEGER_BYTES = 6;

/**
 * Reads DER element after element, strictly: one-byte tags, definite lengths in their shortest form, integers in their
 * shortest form, booleans 00 or FF, at most 16 levels. Whoever reads a structure to its end calls `end()`, so that no
 * byte goes unread. Nothing is copied and the bytes are not modified.
 *
 * Every method throws ContrastError `pki/der-invalid` for anything else.
 *
 * @see ITU-T X.690 chapters 8, 10 and 11
 */
export class DerReader {
  /** The whole element whose content is read; for an outermost reader the bytes that it was given. */
  readonly der: Uint8Array;
  readonly #bytes: Uint8Array;
  readonly #what: string;
  readonly #depth: number;
  readonly #origin: number;
  #at = 0;

  /**
   * @param what named in messages, such as `VCEK`
   * @param depth levels of nesting above these bytes
   * @param parent the element that `bytes` are the content of, and where in its buffer the outermost one starts
   */
  constructor(bytes: Uint8Array, what: string, depth = 0, parent = { der: bytes, origin: bytes.byteOffset }) {
    this.der = parent.der;
    this.#bytes = bytes;
    this.#what = what;
    this.#depth = depth;
    this.#origin = parent.origin;
    if (depth > MAX_DEPTH) throw this.invalid(`more than ${MAX_DEPTH} levels`);
  }

  /** Whether all bytes were read. */
  get isEmpty(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The tag of the next element. */
  peekTag(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The next element, whatever it is. */
  next(): DerElement {
    const bytes = this.#bytes;
    const start = this.#at;
    const tag = bytes[start];
    const first = bytes[start + 1];
    if (tag === undefined || first === undefined) throw this.invalid("the element is cut off");
    if ((tag & 0x1f) === 0x1f) throw this.invalid("a tag of several bytes");
    let from = start + 2;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0) throw this.invalid("an indefinite length");
      if (count > 4) throw this.invalid("a length beyond 4 bytes");
      length = 0;
      for (const end = from + count; from < end; from++) length = length * 256 + (bytes[from] ?? Infinity);
      if (length < 0x80 || length < 256 ** (count - 1)) throw this.invalid("a length that is not in its shortest form");
    }
    const end = from + length;
    if (end > bytes.length) throw this.invalid("the element is cut off");
    this.#at = end;
    return { tag, der: bytes.subarray(start, end), content: bytes.subarray(from, end) };
  }

  /** The next element, which must have this tag. */
  expect(tag: number): DerElement {
    const actual = this.peekTag();
    if (actual !== tag)
      throw this.invalid(`got ${actual === undefined ? "no element" : renderTag(actual)}, want ${renderTag(tag)}`);
    return this.next();
  }

  /** The next element if it has this tag. */
  optional(tag: number): DerElement | undefined {
    return this.peekTag() === tag ? this.next() : undefined;
  }

  /** A reader of the content of a SEQUENCE. */
  sequence(): DerReader {
    return this.#inside(DER_TAG.sequence);
  }

  /** A reader of the content of a SET; the order of its elements is not looked at. */
  set(): DerReader {
    return this.#inside(DER_TAG.set);
  }

  /** A reader of what an explicit tag `[n]` wraps, if the next element has that tag; n is 0..30. */
  explicit(n: number): DerReader | undefined {
    const tag = 0xa0 | n;
    return this.peekTag() === tag ? this.#inside(tag) : undefined;
  }

  /** An INTEGER of at most 1024 bytes, negative ones included. */
  integer(): bigint {
    const content = this.#integerContent(DER_TAG.integer, MAX_INTEGER_BYTES);
    const value = BigInt(`0x${content.toHex()}`);
    return (content[0] ?? 0) >= 0x80 ? value - (1n << BigInt(content.length * 8)) : value;
  }

  /** An INTEGER from 0 to `max`. */
  smallInteger(max: number): number {
    return this.#smallNumber(DER_TAG.integer, max);
  }

  /** An ENUMERATED from 0 to `max`. */
  enumerated(max: number): number {
    return this.#smallNumber(DER_TAG.enumerated, max);
  }

  /** The bytes of an INTEGER of 0 or more, without the zero byte that marks large ones as positive; zero is one byte. */
  unsignedBytes(maxBytes: number): Uint8Array {
    const content = this.#integerContent(DER_TAG.integer, maxBytes + 1);
    const [first = 0] = content;
    if (first >= 0x80) throw this.invalid("a negative integer");
    const bytes = first === 0 && content.length > 1 ? content.subarray(1) : content;
    if (bytes.length > maxBytes) throw this.invalid(`an integer of ${bytes.length} bytes, want at most ${maxBytes}`);
    return bytes;
  }

  boolean(): boolean {
    const { content } = this.expect(DER_TAG.boolean);
    const [value] = content;
    if (content.length !== 1 || (value !== 0 && value !== 0xff))
      throw this.invalid("a boolean that is neither 00 nor FF");
    return value === 0xff;
  }

  null(): void {
    if (this.expect(DER_TAG.null).content.length > 0) throw this.invalid("a NULL with content");
  }

  octetString(): Uint8Array {
    return this.expect(DER_TAG.octetString).content;
  }

  /** A BIT STRING of whole bytes. */
  bitString(): Uint8Array {
    const { content } = this.expect(DER_TAG.bitString);
    if (content[0] !== 0) throw this.invalid("a bit string that is not of whole bytes");
    return content.subarray(1);
  }

  /**
   * The numbers of the bits that are set in a BIT STRING of named bits, at most 32. Zero bits at the end are accepted:
   * AMD's signing keys have them.
   */
  namedBits(): readonly number[] {
    const { content } = this.expect(DER_TAG.bitString);
    const [unused = 8] = content;
    const bytes = content.subarray(1);
    const isPadded = unused >= (bytes.length === 0 ? 1 : 8) || (bytes.at(-1) ?? 0) % 2 ** unused !== 0;
    if (isPadded || bytes.length > 4) throw this.invalid("malformed named bits");
    const bits = Array.from({ length: bytes.length * 8 }, (_, bit) => bit);
    return bits.filter((bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
  }

  /** An OBJECT IDENTIFIER in dotted form; each arc is below 2^53. */
  oid(): string {
    const oid = decodeOid(this.expect(DER_TAG.oid).content);
    if (oid === undefined) throw this.invalid("a malformed object identifier");
    return oid;
  }

  /** A UTF8String, PrintableString or IA5String whose bytes are of its alphabet. */
  string(): DerString {
    const { tag, content } = this.next();
    const value = decodeDerString(tag, content);
    if (value === undefined)
      throw this.invalid(`${renderTag(tag)} is not a string, or has bytes outside of its alphabet`);
    return { tag, value };
  }

  /** A UTCTime or GeneralizedTime with seconds and Z that is a date of the calendar; years of two digits are 1950..2049. */
  time(): Date {
    const { tag, content } = this.next();
    const time = decodeDerTime(tag, content);
    if (time === undefined) throw this.invalid(`${renderTag(tag)} is not a UTC time with seconds`);
    return time;
  }

  /** Refuses bytes that were not read. */
  end(): void {
    if (!this.isEmpty) throw this.invalid(`${this.#bytes.length - this.#at} bytes too many`);
  }

  /** The error for what a caller finds wrong about what it read last. */
  invalid(fact: string): ContrastError {
    const offset = this.#bytes.byteOffset + this.#at - this.#origin;
    return new ContrastError("pki/der-invalid", `Cannot read ${this.#what}: at byte ${offset}: ${fact}`, {
      details: { offset },
    });
  }

  #inside(tag: number): DerReader {
    const { der, content } = this.expect(tag);
    return new DerReader(content, this.#what, this.#depth + 1, { der, origin: this.#origin });
  }

  #integerContent(tag: number, maxBytes: number): Uint8Array {
    const { content } = this.expect(tag);
    const [first, second = 0] = content;
    if (first === undefined || content.length > maxBytes) {
      throw this.invalid(`an integer of ${content.length} bytes, want 1 to ${maxBytes}`);
    }
    const isPadded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
    if (isPadded) throw this.invalid("an integer that is not in its shortest form");
    return content;
  }

  #smallNumber(tag: number, max: number): number {
    const content = this.#integerContent(tag, MAX_SMALL_INTEGER_BYTES);
    let value = 0;
    for (const byte of content) value = value * 256 + byte;
    if ((content[0] ?? 0) >= 0x80 || value > max) throw this.invalid(`an integer outside of 0..${max}`);
    return value;
  }
}

function renderTag(tag: number): string {
  return `tag 0x${tag.toString(16).padStart(2, "0")}`;
}
