import { sha384Of } from "./sha384-of.ts";

const DOS_HEADER_BYTES = 0x40;
const PE_OFFSET_FIELD = 0x3c;
/** `PE\0\0` in a little-endian number. */
const PE_SIGNATURE = 0x4550;
const COFF_BYTES = 24;
const SECTION_BYTES = 40;

const PE32 = 0x10b;
const PE32_PLUS = 0x20b;
const CHECKSUM_OFFSET = 64;
const CERTIFICATES_INDEX = 4;

/** Bytes of a file from an offset up to another. */
type Span = readonly [start: number, end: number];

/**
 * The Authenticode digest by which firmware measures what it starts: the file without its checksum, without the entry
 * that points to signatures, and without the signatures themselves; sections by their place in the file.
 *
 * @returns 48 bytes, or in words what is wrong with the file
 * @see Microsoft "Windows Authenticode Portable Executable Signature Format"; tianocore/edk2
 *   `SecurityPkg/Library/DxeTpm2MeasureBootLib`
 */
export function authenticodeSha384(bytes: Uint8Array): Uint8Array | string {
  const spans = hashedSpans(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (typeof spans === "string") return spans;
  return sha384Of(...spans.map(([start, end]) => bytes.subarray(start, end)));
}

function hashedSpans(bytes: Uint8Array, view: DataView): readonly Span[] | string {
  const size = bytes.length;
  if (size < DOS_HEADER_BYTES || bytes[0] !== 0x4d || bytes[1] !== 0x5a)
    return "it has no EFI stub: it starts with no MZ";
  const pe = view.getUint32(PE_OFFSET_FIELD, true);
  if (pe + COFF_BYTES > size || view.getUint32(pe, true) !== PE_SIGNATURE) return "it has no EFI stub: no PE header";
  const sectionCount = view.getUint16(pe + 6, true);
  const optional = pe + COFF_BYTES;
  const optionalBytes = view.getUint16(pe + 20, true);
  const sectionTable = optional + optionalBytes;
  if (sectionTable + sectionCount * SECTION_BYTES > size) return "its PE header ends behind the file";
  const directories = directoriesOffset(view, optional, optionalBytes);
  if (typeof directories === "string") return directories;
  const headersEnd = view.getUint32(optional + 60, true);
  const directoryCount = view.getUint32(directories - 4, true);
  const certificates = directories + CERTIFICATES_INDEX * 8;
  const hasCertificates = directoryCount > CERTIFICATES_INDEX;
  if (hasCertificates && certificates + 8 > sectionTable) return "its PE header is shorter than its directories";
  if (headersEnd < sectionTable + sectionCount * SECTION_BYTES) return "its headers end at a wrong place";
  const certificateBytes = hasCertificates ? view.getUint32(certificates + 4, true) : 0;
  const checksum = optional + CHECKSUM_OFFSET;
  const spans: Span[] = hasCertificates
    ? [
        [0, checksum],
        [checksum + 4, certificates],
        [certificates + 8, headersEnd],
      ]
    : [
        [0, checksum],
        [checksum + 4, headersEnd],
      ];
  let hashed = headersEnd;
  for (const [start, end] of sectionSpans(view, sectionTable, sectionCount)) {
    if (end > size) return "a section ends behind the file";
    spans.push([start, end]);
    hashed += end - start;
  }
  // What follows the sections counts too, up to the signatures at the end of the file.
  if (hashed + certificateBytes > size) return "its sections and signatures are longer than the file";
  if (size > hashed) spans.push([hashed, size - certificateBytes]);
  return spans;
}

function directoriesOffset(view: DataView, optional: number, optionalBytes: number): number | string {
  const magic = optionalBytes < 2 ? 0 : view.getUint16(optional, true);
  if (magic !== PE32 && magic !== PE32_PLUS) return "its PE header is of no known kind";
  const offset = magic === PE32 ? 96 : 112;
  return optionalBytes < offset ? "its PE header is too short" : optional + offset;
}

function sectionSpans(view: DataView, table: number, count: number): readonly Span[] {
  return Array.from({ length: count }, (_, index): Span => {
    const at = table + index * SECTION_BYTES;
    const start = view.getUint32(at + 20, true);
    return [start, start + view.getUint32(at + 16, true)];
  })
    .filter(([start, end]) => end > start)
    .toSorted(([a], [b]) => a - b);
}
