import { ContrastError } from "../lib/errors.ts";
import { type FirmwareImage, firmwareStart, PAGE_BYTES } from "./firmware-image.ts";
import { findEntry, type GuidTable, hexOffset } from "./guid-table.ts";
import { metadataOffset } from "./metadata-offset.ts";

/** What the pages of a section are for; decides how they are measured. */
export type SevSectionKind = "memory" | "secrets" | "cpuid" | "svsm-calling-area" | "kernel-hashes";

/** Pages that the hypervisor prepares before a guest with SEV-SNP starts. */
export interface SevSection {
  readonly kind: SevSectionKind;
  /** Guest-physical address; on a page. */
  readonly address: number;
  /** Whole pages. */
  readonly sizeBytes: number;
}

const SEV_METADATA_GUID = "dc886566-984a-4798-a75e-5585a7bf67cc";

/** `ASEV` in a little-endian number. */
const SIGNATURE = 0x56455341;
const HEADER_BYTES = 16;
const DESCRIPTOR_BYTES = 12;
const VERSION = 1;

/** OVMF has about five sections; the bounds keep a hostile image from costing more than a second. */
const MAX_SECTIONS = 64;
const MAX_SECTION_BYTES = 256 * 1024 * 1024;

const KINDS: ReadonlyMap<number, SevSectionKind> = new Map([
  [1, "memory"],
  [2, "secrets"],
  [3, "cpuid"],
  [4, "svsm-calling-area"],
  [0x10, "kernel-hashes"],
]);

/** Kinds of which the hypervisor fills in exactly one page, once. */
const ONE_PAGE: ReadonlySet<SevSectionKind> = new Set(["secrets", "cpuid", "kernel-hashes"]);

/** Kinds that builds of OVMF without a use for them list with no pages, as `OvmfPkg/IntelTdx/IntelTdxX64.dsc` does. */
const MAY_BE_EMPTY: ReadonlySet<SevSectionKind> = new Set(["memory", "svsm-calling-area"]);

/**
 * Reads which pages the firmware wants prepared, without sections of no pages, in the order of the image, which is the order of the measurement.
 *
 *     offset  size  field
 *          0     4  "ASEV"
 *          4     4  length of all, 16 + 12 for each section
 *          8     4  version, 1
 *         12     4  number of sections
 *         16    12  each section: address, size, kind; 4 bytes each
 *
 * @throws ContrastError `measure/firmware-not-snp` without such a list, `measure/firmware-metadata-invalid`
 * @see tianocore/edk2 `OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm`
 */
export function parseSevMetadata(image: FirmwareImage, table: GuidTable): readonly SevSection[] {
  const { bytes, path } = image;
  const entry = findEntry(table, SEV_METADATA_GUID);
  if (entry === undefined) {
    throw new ContrastError(
      "measure/firmware-not-snp",
      `Cannot measure firmware "${path}": it has no SEV metadata, so no SEV-SNP guest can start with it`,
      {
        hint: 'Build OVMF from "OvmfPkg/AmdSev/AmdSevX64.dsc", or name the image that the runtime installs.',
        details: { path },
      },
    );
  }
  const start = metadataOffset(image, entry, HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const field = (offset: number): number => view.getUint32(offset, true);
  const fail = (offset: number, fact: string): ContrastError =>
    new ContrastError(
      "measure/firmware-metadata-invalid",
      `Cannot read firmware "${path}": SEV metadata at offset ${hexOffset(start + offset)}: ${fact}`,
      { hint: "Get the image again; it is damaged.", details: { path, offset: start + offset } },
    );
  if (field(0) !== SIGNATURE) throw fail(0, `signature is ${hexOffset(field(0))}, need ${hexOffset(SIGNATURE)}`);
  if (field(8) !== VERSION) throw fail(8, `version is ${field(8)}, need ${VERSION}`);
  const count = field(12);
  if (count > MAX_SECTIONS) throw fail(12, `has ${count} sections, limit ${MAX_SECTIONS}`);
  const size = HEADER_BYTES + count * DESCRIPTOR_BYTES;
  if (field(4) !== size || size > view.byteLength) {
    throw fail(4, `is ${field(4)} bytes long, need ${size} for ${count} sections, ${view.byteLength} are there`);
  }
  const sections: SevSection[] = [];
  for (let offset = HEADER_BYTES; offset < size; offset += DESCRIPTOR_BYTES) {
    const section = parseSection(field(offset), field(offset + 4), field(offset + 8));
    if (typeof section === "string") throw fail(offset, section);
    if (section.sizeBytes === 0) continue;
    const other = sections.find((found) => overlap(found, section));
    if (other !== undefined) throw fail(offset, `${describe(section)} overlaps ${describe(other)}`);
    // No processor adds a page twice, so no guest would ever report a digest of both.
    if (section.address + section.sizeBytes > firmwareStart(image)) {
      throw fail(offset, `${describe(section)} reaches into the firmware at ${hexOffset(firmwareStart(image))}`);
    }
    // Hypervisors differ in which of two they fill in.
    if (ONE_PAGE.has(section.kind) && sections.some(({ kind }) => kind === section.kind)) {
      throw fail(offset, `${describe(section)} is the second of its kind`);
    }
    sections.push(section);
  }
  const total = sections.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total > MAX_SECTION_BYTES) throw fail(12, `sections are ${total} bytes, limit ${MAX_SECTION_BYTES}`);
  return sections;
}

/** @returns what is wrong with it, where something is */
function parseSection(address: number, sizeBytes: number, kindNumber: number): SevSection | string {
  const kind = KINDS.get(kindNumber);
  if (kind === undefined) return `section kind ${hexOffset(kindNumber)} is unknown`;
  const section = { kind, address, sizeBytes };
  if (address % PAGE_BYTES !== 0 || sizeBytes % PAGE_BYTES !== 0 || (sizeBytes === 0 && !MAY_BE_EMPTY.has(kind))) {
    return `${describe(section)} is not of whole pages`;
  }
  if (ONE_PAGE.has(kind) && sizeBytes !== PAGE_BYTES) return `${describe(section)} is not one page`;
  return section;
}

function overlap(a: SevSection, b: SevSection): boolean {
  return a.address < b.address + b.sizeBytes && b.address < a.address + a.sizeBytes;
}

function describe({ kind, address, sizeBytes }: SevSection): string {
  return `${kind} section of ${hexOffset(sizeBytes)} bytes at ${hexOffset(address)}`;
}
