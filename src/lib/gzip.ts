import { constants, crc32, gzipSync, inflateRawSync, type InflateRaw } from "node:zlib";

const MAGIC = [0x1f, 0x8b, 0x08];
const HEADER_SIZE = 10;
const TRAILER_SIZE = 8;
const OS_OFFSET = 9;
const OS_UNKNOWN = 255;

const HAS_HEADER_CRC = 0x02;
const HAS_EXTRA = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED_FLAGS = 0xe0;

/** One gzip member without name and time, so that the same bytes compress to the same bytes on every computer. */
export function gzip(bytes: Uint8Array): Uint8Array {
  const packed = new Uint8Array(gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
  packed[OS_OFFSET] = OS_UNKNOWN;
  return packed;
}

/**
 * Unpacks exactly one gzip member. More members are refused as other trailing bytes are: readers differ in whether they
 * go on behind the first one, so that two of them would see two texts.
 *
 * @param maxBytes of the result; unpacking stops there
 * @returns undefined for anything else
 * @see RFC 1952, section 2.3
 */
export function gunzipMember(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const start = bodyOffset(bytes);
  if (start === undefined) return undefined;
  const body = bytes.subarray(start);
  try {
    // The types of the platform know nothing of `info`, which tells how many bytes were used.
    const { buffer, engine } = inflateRawSync(body, { info: true, maxOutputLength: maxBytes }) as unknown as {
      buffer: Uint8Array;
      engine: InflateRaw;
    };
    const used = engine.bytesWritten;
    if (used + TRAILER_SIZE !== body.length) return undefined;
    const trailer = new DataView(body.buffer, body.byteOffset + used, TRAILER_SIZE);
    const isWhole = trailer.getUint32(0, true) === crc32(buffer) && trailer.getUint32(4, true) === buffer.length;
    return isWhole ? new Uint8Array(buffer) : undefined;
  } catch {
    return undefined;
  }
}

/** Where the deflated data begins; undefined for what is no gzip header. */
function bodyOffset(bytes: Uint8Array): number | undefined {
  if (bytes.length < HEADER_SIZE || MAGIC.some((byte, index) => bytes[index] !== byte)) return undefined;
  const flags = bytes[3] ?? 0;
  if ((flags & RESERVED_FLAGS) !== 0) return undefined;
  let offset = HEADER_SIZE;
  if ((flags & HAS_EXTRA) !== 0) offset += 2 + (bytes[offset] ?? 0) + 256 * (bytes[offset + 1] ?? 0);
  for (const flag of [HAS_NAME, HAS_COMMENT]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, offset);
    if (end === -1) return undefined;
    offset = end + 1;
  }
  if ((flags & HAS_HEADER_CRC) !== 0) offset += 2;
  return offset <= bytes.length ? offset : undefined;
}
