const TEXT = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;

/** Size of a GUID in memory. */
export const GUID_BYTES = 16;

/** A GUID as UEFI stores it: 16 bytes, the first three parts little-endian. */
export function guidBytes(text: string): Uint8Array {
  const [, first = "", second = "", third = "", fourth = "", fifth = ""] = TEXT.exec(text) ?? [];
  return Uint8Array.fromHex([swap(first), swap(second), swap(third), fourth, fifth].join(""));
}

/** The GUID at an offset as text; the bytes must be there. */
export function readGuidText(bytes: Uint8Array, offset: number): string {
  const hex = bytes.subarray(offset, offset + GUID_BYTES).toHex();
  const [first, second, third] = [swap(hex.slice(0, 8)), swap(hex.slice(8, 12)), swap(hex.slice(12, 16))];
  return [first, second, third, hex.slice(16, 20), hex.slice(20)].join("-");
}

/** The bytes of hexadecimal digits in reverse. */
function swap(hex: string): string {
  return Uint8Array.fromHex(hex).toReversed().toHex();
}
