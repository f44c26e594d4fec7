import { latin1Text } from "../../lib/latin1.ts";

/** What the index takes from the header of an entry beside names and size. */
export interface InodeFields {
  /** Permission bits without setuid, setgid and sticky. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  /** Low 32 bits, and the 4 bits above them. */
  readonly mtimeLow: number;
  readonly mtimeHigh: number;
}

/** Numbers of a device node. */
export interface DeviceNumbers {
  readonly major: number;
  readonly minor: number;
}

const TWO_32 = 2 ** 32;

/**
 * Reads the fields as the index builder of the AKS nodes does: numbers that do not parse count as 0.
 *
 *     offset  size  field
 *        100     8  mode, octal
 *        108     8  uid, octal or base 256
 *        116     8  gid, octal or base 256
 *        136    12  mtime, octal or base 256
 *
 * @param header 512 bytes
 * @returns undefined for a mode that does not parse; the builder passes over such entries
 * @see POSIX.1-2017 pax, "ustar Interchange Format"
 */
export function readInodeFields(header: Uint8Array): InodeFields | undefined {
  const mode = readOctal(header, 100, 8);
  if (mode === undefined) return undefined;
  const uid = readNumber(header, 108, 8);
  const gid = readNumber(header, 116, 8);
  const mtime = readNumber(header, 136, 12);
  return { permissions: mode % 0o1000, uid: uid.low, gid: gid.low, mtimeLow: mtime.low, mtimeHigh: mtime.high % 16 };
}

/**
 * Reads major and minor number (8 octal bytes at 329 and 337).
 *
 * @returns undefined where the header has no such fields, or they do not parse
 */
export function readDeviceNumbers(header: Uint8Array): DeviceNumbers | undefined {
  const magic = latin1Text(header, 257, 265);
  if (magic !== "ustar\u000000" && magic !== "ustar  \0") return undefined;
  const major = readOctal(header, 329, 8);
  const minor = readOctal(header, 337, 8);
  return major === undefined || minor === undefined ? undefined : { major, minor };
}

/** At most twelve octal digits, so the value is exact. */
function readOctal(header: Uint8Array, offset: number, length: number): number | undefined {
  const field = latin1Text(header, offset, offset + length);
  const text = field.split("\0", 1)[0]?.trim() ?? "";
  return /^\+?[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** Base 256 has a leading bit 0x80; of its value only what the index holds is needed. */
function readNumber(
  header: Uint8Array,
  offset: number,
  length: number,
): { readonly low: number; readonly high: number } {
  const end = offset + length;
  if (((header[offset] ?? 0) & 0x80) !== 0) {
    const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
    return { low: view.getUint32(end - 4), high: header[end - 5] ?? 0 };
  }
  const value = readOctal(header, offset, length) ?? 0;
  return { low: value % TWO_32, high: Math.floor(value / TWO_32) };
}
