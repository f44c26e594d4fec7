/** Offset of the first place of some bytes in others, from an offset on; -1 if there is none. */
export function findBytes(bytes: Uint8Array, wanted: Uint8Array, from = 0): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(wanted, from);
}
