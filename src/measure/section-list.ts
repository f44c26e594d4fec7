import { ContrastError } from "../lib/errors.ts";
import type { FirmwareImage } from "./firmware-image.ts";
import { type GuidTableEntry, hexOffset } from "./guid-table.ts";
import { metadataOffset } from "./metadata-offset.ts";

/** How lists of sections differ. */
export interface SectionListForm {
  /** Named in messages, such as `SEV metadata`. */
  readonly name: string;
  /** The first 4 bytes, as a little-endian number. */
  readonly signature: number;
  /** Size of what describes one section. */
  readonly descriptorBytes: number;
  /** What to do about a damaged list. */
  readonly hint: string;
}

/** A list by which firmware says which ranges of memory it wants prepared. */
export interface SectionList {
  /** What describes each section, in the order of the image. */
  readonly descriptors: readonly DataView[];
  /** The error for the section with an index, or for all of them. */
  fail(fact: string, index?: number): ContrastError;
}

/** A range of guest memory that is prepared before the guest starts. */
export interface MemoryRange {
  readonly kind: string;
  /** Guest-physical address. */
  readonly address: number;
  readonly sizeBytes: number;
}

const HEADER_BYTES = 16;
const COUNT_OFFSET = 12;
const VERSION = 1;

/** OVMF has about six sections; the bounds keep a hostile image from costing more than a second. */
const MAX_SECTIONS = 64;
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/**
 * Reads the list of sections that an entry of the table of GUIDs points to. All numbers are little-endian.
 *
 *     offset  size  field
 *          0     4  signature
 *          4     4  length of all
 *          8     4  version, 1
 *         12     4  number of sections
 *         16        what describes each section
 *
 * @throws ContrastError `measure/firmware-metadata-invalid`
 */
export function readSectionList(image: FirmwareImage, entry: GuidTableEntry, form: SectionListForm): SectionList {
  const { bytes, path } = image;
  const { name, signature, descriptorBytes, hint } = form;
  const start = metadataOffset(image, entry, HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const field = (offset: number): number => view.getUint32(offset, true);
  const fail = (offset: number, fact: string): ContrastError =>
    new ContrastError(
      "measure/firmware-metadata-invalid",
      `Cannot read firmware "${path}": ${name} at offset ${hexOffset(start + offset)}: ${fact}`,
      { hint, details: { path, offset: start + offset } },
    );
  if (field(0) !== signature) throw fail(0, `signature is ${hexOffset(field(0))}, need ${hexOffset(signature)}`);
  if (field(8) !== VERSION) throw fail(8, `version is ${field(8)}, need ${VERSION}`);
  const count = field(COUNT_OFFSET);
  if (count > MAX_SECTIONS) throw fail(COUNT_OFFSET, `has ${count} sections, limit ${MAX_SECTIONS}`);
  const size = HEADER_BYTES + count * descriptorBytes;
  if (field(4) !== size || size > view.byteLength) {
    throw fail(4, `is ${field(4)} bytes long, need ${size} for ${count} sections, ${view.byteLength} are there`);
  }
  const offsetOf = (index: number): number => HEADER_BYTES + index * descriptorBytes;
  return {
    descriptors: Array.from(
      { length: count },
      (_, index) => new DataView(view.buffer, view.byteOffset + offsetOf(index), descriptorBytes),
    ),
    fail: (fact, index) => fail(index === undefined ? COUNT_OFFSET : offsetOf(index), fact),
  };
}

/** In words, that a section overlaps one before it: no hypervisor adds a page twice. */
export function overlapFault(before: readonly MemoryRange[], section: MemoryRange): string | undefined {
  const end = section.address + section.sizeBytes;
  const other = before.find(({ address, sizeBytes }) => address < end && section.address < address + sizeBytes);
  return other === undefined ? undefined : `${describeRange(section)} overlaps ${describeRange(other)}`;
}

/** In words, that sections are more memory than is measured in a second. */
export function sizeFault(sections: readonly MemoryRange[]): string | undefined {
  const total = sections.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return total > MAX_TOTAL_BYTES ? `sections are ${total} bytes, limit ${MAX_TOTAL_BYTES}` : undefined;
}

/** A section as messages show it. */
export function describeRange({ kind, address, sizeBytes }: MemoryRange): string {
  return `${kind} section of ${hexOffset(sizeBytes)} bytes at ${hexOffset(address)}`;
}
