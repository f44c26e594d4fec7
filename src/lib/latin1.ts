/**
 * Bytes as characters of the same number.
 *
 * @param from index of the first byte
 * @param to index behind the last one
 */
export function latin1Text(bytes: Uint8Array, from = 0, to = bytes.length): string {
  return Buffer.prototype.toString.call(bytes, "latin1", from, to);
}
