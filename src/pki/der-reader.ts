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
  readonly #bytes: Uint8Array;
  readonly #what: string;
  readonly #depth: number;
  /** Where the element whose content is read starts; the content goes from `#from` to `#to`. */
  readonly #start: number;
  readonly #to: number;
  #at: number;

  /**
   * @param what named in messages, such as `VCEK`
   * @param depth levels of nesting above these bytes
   * @param start where the element whose content is read starts in `bytes`
   * @param from where its content starts
   * @param to where it ends
   */
  constructor(bytes: Uint8Array, what: string, depth = 0, start = 0, from = 0, to = bytes.length) {
    this.#bytes = bytes;
    this.#what = what;
    this.#depth = depth;
    this.#start = start;
    this.#at = from;
    this.#to = to;
    if (depth > MAX_DEPTH) throw this.invalid(`more than ${MAX_DEPTH} levels`);
  }

  /** The whole element whose content is read; for an outermost reader the bytes that it was given. */
  get der(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#to);
  }

  /** Whether all bytes were read. */
  get isEmpty(): boolean {
    return this.#at >= this.#to;
  }

  /** The tag of the next element. */
  peekTag(): number | undefined {
    return this.#at < this.#to ? this.#bytes[this.#at] : undefined;
  }

  /** The next element, whatever it is. */
  next(): DerElement {
    const start = this.#at;
    const from = this.#enter();
    const to = this.#at;
    const tag = this.#bytes[start] ?? 0;
    return { tag, der: this.#bytes.subarray(start, to), content: this.#bytes.subarray(from, to) };
  }

  /** The next element, which must have this tag. */
  expect(tag: number): DerElement {
    this.#require(tag);
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
    const from = this.#enterInteger(DER_TAG.integer, MAX_INTEGER_BYTES);
    const content = this.#bytes.subarray(from, this.#at);
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
    const from = this.#enterInteger(DER_TAG.integer, maxBytes + 1);
    const to = this.#at;
    const first = this.#bytes[from] ?? 0;
    if (first >= 0x80) throw this.invalid("a negative integer");
    const begin = first === 0 && to - from > 1 ? from + 1 : from;
    if (to - begin > maxBytes) throw this.invalid(`an integer of ${to - begin} bytes, want at most ${maxBytes}`);
    return this.#bytes.subarray(begin, to);
  }

  boolean(): boolean {
    const content = this.#content(DER_TAG.boolean);
    const [value] = content;
    if (content.length !== 1 || (value !== 0 && value !== 0xff)) {
      throw this.invalid("a boolean that is neither 00 nor FF");
    }
    return value === 0xff;
  }

  null(): void {
    if (this.#content(DER_TAG.null).length > 0) throw this.invalid("a NULL with content");
  }

  octetString(): Uint8Array {
    return this.#content(DER_TAG.octetString);
  }

  /** A BIT STRING of whole bytes. */
  bitString(): Uint8Array {
    const content = this.#content(DER_TAG.bitString);
    if (content[0] !== 0) throw this.invalid("a bit string that is not of whole bytes");
    return content.subarray(1);
  }

  /**
   * The numbers of the bits that are set in a BIT STRING of named bits, at most 32. Zero bits at the end are accepted:
   * AMD's signing keys have them.
   */
  namedBits(): readonly number[] {
    const content = this.#content(DER_TAG.bitString);
    const [unused = 8] = content;
    const bytes = content.subarray(1);
    const isPadded = unused >= (bytes.length === 0 ? 1 : 8) || (bytes.at(-1) ?? 0) % 2 ** unused !== 0;
    if (isPadded || bytes.length > 4) throw this.invalid("malformed named bits");
    const bits = Array.from({ length: bytes.length * 8 }, (_, bit) => bit);
    return bits.filter((bit) => ((bytes[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
  }

  /** An OBJECT IDENTIFIER in dotted form; each arc is below 2^53. */
  oid(): string {
    this.#require(DER_TAG.oid);
    const from = this.#enter();
    const oid = decodeOid(this.#bytes, from, this.#at);
    if (oid === undefined) throw this.invalid("a malformed object identifier");
    return oid;
  }

  /** A UTF8String, PrintableString or IA5String whose bytes are of its alphabet. */
  string(): DerString {
    const tag = this.#tag();
    const from = this.#enter();
    const value = decodeDerString(tag, this.#bytes, from, this.#at);
    if (value === undefined)
      throw this.invalid(`${renderTag(tag)} is not a string, or has bytes outside of its alphabet`);
    return { tag, value };
  }

  /** A UTCTime or GeneralizedTime with seconds and Z that is a date of the calendar; years of two digits are 1950..2049. */
  time(): Date {
    const tag = this.#tag();
    const from = this.#enter();
    const time = decodeDerTime(tag, this.#bytes, from, this.#at);
    if (time === undefined) throw this.invalid(`${renderTag(tag)} is not a UTC time with seconds`);
    return time;
  }

  /** Refuses bytes that were not read. */
  end(): void {
    if (!this.isEmpty) throw this.invalid(`${this.#to - this.#at} bytes too many`);
  }

  /** The error for what a caller finds wrong about what it read last. */
  invalid(fact: string): ContrastError {
    const offset = this.#at;
    return new ContrastError("pki/der-invalid", `Cannot read ${this.#what}: at byte ${offset}: ${fact}`, {
      details: { offset },
    });
  }

  /** Reads tag and length of the next element and gives where its content starts; it ends at `#at`. */
  #enter(): number {
    const bytes = this.#bytes;
    const to = this.#to;
    let from = this.#at + 2;
    if (((bytes[from - 2] ?? 0) & 0x1f) === 0x1f) throw this.invalid("a tag of several bytes");
    let length = bytes[from - 1] ?? 0;
    if (length >= 0x80) {
      const count = length & 0x7f;
      length = 0;
      for (const end = from + count; from < end; from++) length = length * 256 + (bytes[from] ?? 0);
      // An indefinite length has no bytes, and so fails here too.
      if (length < 0x80 || length < 256 ** (count - 1)) throw this.invalid("a length that is not in its shortest form");
    }
    // Whatever was read beyond the end as part of a tag or a length, the end of the element lies beyond it too.
    if (from + length > to) throw this.invalid("the element is cut off");
    this.#at = from + length;
    return from;
  }

  /** The tag of the next element; 0 where `#enter` is going to find none. */
  #tag(): number {
    return this.#bytes[this.#at] ?? 0;
  }

  #require(tag: number): void {
    const actual = this.peekTag();
    if (actual === tag) return;
    throw this.invalid(`got ${actual === undefined ? "no element" : renderTag(actual)}, want ${renderTag(tag)}`);
  }

  #content(tag: number): Uint8Array {
    this.#require(tag);
    const from = this.#enter();
    return this.#bytes.subarray(from, this.#at);
  }

  #inside(tag: number): DerReader {
    this.#require(tag);
    const start = this.#at;
    const from = this.#enter();
    return new DerReader(this.#bytes, this.#what, this.#depth + 1, start, from, this.#at);
  }

  /** Enters an integer of at most `maxBytes` bytes in its shortest form; the same as `#enter` otherwise. */
  #enterInteger(tag: number, maxBytes: number): number {
    this.#require(tag);
    const from = this.#enter();
    const size = this.#at - from;
    if (size === 0 || size > maxBytes) throw this.invalid(`an integer of ${size} bytes, want 1 to ${maxBytes}`);
    const first = this.#bytes[from] ?? 0;
    const second = this.#bytes[from + 1] ?? 0;
    const isPadded = size > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
    if (isPadded) throw this.invalid("an integer that is not in its shortest form");
    return from;
  }

  #smallNumber(tag: number, max: number): number {
    const from = this.#enterInteger(tag, MAX_SMALL_INTEGER_BYTES);
    let value = 0;
    for (let at = from; at < this.#at; at++) value = value * 256 + (this.#bytes[at] ?? 0);
    if ((this.#bytes[from] ?? 0) >= 0x80 || value > max) throw this.invalid(`an integer outside of 0..${max}`);
    return value;
  }
}

function renderTag(tag: number): string {
  return `tag 0x${tag.toString(16).padStart(2, "0")}`;
}
