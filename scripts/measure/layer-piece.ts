/** Bytes that gzip brings to about a third, as it does with programs: half noise, half a text that repeats. */
export function layerPiece(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = 0x2545f491;
  for (let at = 0; at < sizeBytes; at++) {
    if (at % 1024 < 320) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes[at] = state;
    } else {
      bytes[at] = 0x20 + ((at * 7 + (at >> 11)) % 61);
    }
  }
  return bytes;
}
