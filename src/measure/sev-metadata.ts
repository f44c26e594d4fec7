import { ContrastError } from "../lib/errors.ts";
import { type FirmwareImage, firmwareStart, PAGE_BYTES } from "./firmware-image.ts";
import { findEntry, type GuidTable, hexOffset } from "./guid-table.ts";
import { describeRange, overlapFault, readSectionList, type SectionListForm, sizeFault } from "./section-list.ts";

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

/** The signature is `ASEV`. */
const LIST: SectionListForm = {
  name: "SEV metadata",
  signature: 0x56455341,
  descriptorBytes: 12,
  hint: "Get the image again; it is damaged.",
};

const KINDS: ReadonlyMap<number, SevSectionKind> = new Map([
  [1, "memory"],
  [2, "secrets"],
  [3, "cpuid"],
  [4, "svsm-calling-area"],
  [0x10, "kernel-hashes"],
]);

/** Kinds of which the hypervisor fills in exactly one page, once. */
const ONE_PAGE: ReadonlySet<SevSectionKind> = new Set(["secrets", "cpuid", "kernel-hashes"]);

/**
 * Reads which pages the firmware wants prepared, without sections of no pages, in the order of the image, which is that
 * of the measurement.
 *
 *     offset  size  field of each section
 *          0     4  address
 *          4     4  size
 *          8     4  kind
 *
 * @throws ContrastError `measure/firmware-not-snp` without such a list, `measure/firmware-metadata-invalid`
 * @see tianocore/edk2 `OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm`
 */
export function parseSevMetadata(image: FirmwareImage, table: GuidTable): readonly SevSection[] {
  const { path } = image;
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
  const list = readSectionList(image, entry, LIST);
  const sections: SevSection[] = [];
  for (const [index, descriptor] of list.descriptors.entries()) {
    const section = parseSection(descriptor);
    if (typeof section === "string") throw list.fail(section, index);
    // Builds of OVMF without a use for a kind list it with no pages, as `OvmfPkg/IntelTdx/IntelTdxX64.dsc` does.
    if (section.sizeBytes === 0) continue;
    const overlap = overlapFault(sections, section);
    if (overlap !== undefined) throw list.fail(overlap, index);
    // No processor adds a page twice, so no guest would ever report a digest of both.
    if (section.address + section.sizeBytes > firmwareStart(image)) {
      throw list.fail(
        `${describeRange(section)} reaches into the firmware at ${hexOffset(firmwareStart(image))}`,
        index,
      );
    }
    // Hypervisors differ in which of two they fill in.
    if (ONE_PAGE.has(section.kind) && sections.some(({ kind }) => kind === section.kind)) {
      throw list.fail(`${describeRange(section)} is the second of its kind`, index);
    }
    sections.push(section);
  }
  const size = sizeFault(sections);
  if (size !== undefined) throw list.fail(size);
  return sections;
}

/** @returns what is wrong with it, where something is */
function parseSection(view: DataView): SevSection | string {
  const [address, sizeBytes, kindNumber] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(8, true)];
  const kind = KINDS.get(kindNumber);
  if (kind === undefined) return `section kind ${hexOffset(kindNumber)} is unknown`;
  const section = { kind, address, sizeBytes };
  if (address % PAGE_BYTES !== 0 || sizeBytes % PAGE_BYTES !== 0) {
    return `${describeRange(section)} is not of whole pages`;
  }
  if (ONE_PAGE.has(kind) && sizeBytes !== PAGE_BYTES) return `${describeRange(section)} is not one page`;
  return section;
}
