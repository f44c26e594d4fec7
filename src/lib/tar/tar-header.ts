import { latin1Text } from "../latin1.ts";

/** Size of a tar block; headers and content are padded to it. */
export const TAR_BLOCK_BYTES = 512;

/** One header block, before extended headers are applied. Names have one character for each byte (`latin1Text()`). */
export interface TarHeader {
  readonly path: string;
  readonly linkTarget: string;
  readonly sizeBytes: number;
  /** Type flag as a character; NUL and `0` are regular files. */
  readonly typeFlag: string;
  /** Old GNU sparse files: more blocks with the map follow the header. */
  readonly hasSparseBlocks: boolean;
}

/**
 * Decodes one header block of the ustar, GNU or old Unix format.
 *
 *     offset  size  field
 *          0   100  name
 *        124    12  size, octal or base 256
 *        148     8  checksum
 *        156     1  type flag
 *        157   100  link target
 *        257     8  magic and version
 *        345   155  name prefix (ustar only)
 *
 * @param block exactly 512 bytes
 * @param refuse makes the error that is thrown for a damaged header
 * @see POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"
 */
export function parseTarHeader(block: Uint8Array, refuse: (fact: string) => Error): TarHeader {
  if (readOctal(block, 148, 8) !== headerChecksum(block)) throw refuse("a header has a wrong checksum");
  const sizeBytes = readNumber(block, 124, 12);
  if (sizeBytes === undefined) throw refuse("a header has an impossible size");
  const magic = readString(block, 257, 8);
  const isUstar = magic.startsWith("ustar") && block[262] === 0;
  const prefix = isUstar ? readString(block, 345, 155) : "";
  const name = readString(block, 0, 100);
  const flag = block[156] ?? 0;
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    linkTarget: readString(block, 157, 100),
    sizeBytes,
    typeFlag: flag === 0 ? "0" : String.fromCharCode(flag),
    hasSparseBlocks: flag === 0x53 && block[482] === 1,
  };
}

/** Whether a block has only zero bytes; two of them end an archive. */
export function isZeroBlock(block: Uint8Array): boolean {
  return block[0] === 0 && block.every((byte) => byte === 0);
}

/**
 * Decodes the records of a pax extended header: `length key=value`, each ended by a newline, nothing else. Keys and
 * values have one character for each byte.
 *
 * @param refuse makes the error that is thrown for a damaged record
 */
export function parsePaxRecords(bytes: Uint8Array, refuse: (fact: string) => Error): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  let offset = 0;
  while (offset < bytes.length) {
    const space = bytes.indexOf(0x20, offset);
    const digits = space < 0 || space - offset > 10 ? "" : latin1Text(bytes, offset, space);
    const length = /^[0-9]+$/.test(digits) ? Number(digits) : 0;
    const end = offset + length;
    if (length < 5 || end > bytes.length || bytes[end - 1] !== 0x0a) throw refuse("an extended header is damaged");
    const record = latin1Text(bytes, space + 1, end - 1);
    const equals = record.indexOf("=");
    if (equals < 1) throw refuse("an extended header is damaged");
    records.set(record.slice(0, equals), record.slice(equals + 1));
    offset = end;
  }
  return records;
}

/** Sum of the bytes of a header block, its checksum field counted as spaces. */
export function headerChecksum(block: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let index = 0; index < 148; index++) sum += block[index] ?? 0;
  for (let index = 156; index < TAR_BLOCK_BYTES; index++) sum += block[index] ?? 0;
  return sum;
}

function readNumber(block: Uint8Array, offset: number, length: number): number | undefined {
  const first = block[offset] ?? 0;
  if ((first & 0x80) === 0) return readOctal(block, offset, length);
  // Base 256: a leading 0x80 and a big-endian number; anything above means negative or beyond every real size.
  let value = 0;
  for (const byte of block.subarray(offset + 1, offset + length)) value = value * 256 + byte;
  return first === 0x80 && Number.isSafeInteger(value) ? value : undefined;
}

function readOctal(block: Uint8Array, offset: number, length: number): number | undefined {
  let start = offset;
  let end = offset + length;
  while (start < end && block[start] === 0x20) start++;
  while (end > start && (block[end - 1] === 0x20 || block[end - 1] === 0)) end--;
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = (block[index] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) return undefined;
    value = value * 8 + digit;
  }
  return value;
}

function readString(block: Uint8Array, offset: number, length: number): string {
  let end = offset;
  while (end < offset + length && block[end] !== 0) end++;
  return end === offset ? "" : latin1Text(block, offset, end);
}
