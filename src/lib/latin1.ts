/**
 * Bytes as characters of the same number.
 *
 * @param from index of the first byte
 * @param to index behind the last one
 */
export function latin1Text(bytes: Uint8Array, from = 0, to = bytes.length): string {
  return Buffer.prototype.toString.call(bytes, "latin1", from, to);
}

/** The bytes of a text whose characters all stand for one byte each; the inverse of `latin1Text()`. */
export function latin1Bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

const ASCII = /^[\0-\u007f]*$/;
const UTF8 = new TextDecoder();

/** Reads bytes, given as characters of the same number, as UTF-8; what is none is replaced. */
export function utf8OfLatin1(text: string): string {
  return ASCII.test(text) ? text : UTF8.decode(Buffer.from(text, "latin1"));
}
