import { ContrastError } from "../../lib/errors.ts";
import { type FirmwareImage, PAGE_BYTES } from "../firmware-image.ts";
import { findEntry, type GuidTable } from "../guid-table.ts";
import { describeRange, overlapFault, readSectionList, type SectionListForm, sizeFault } from "../section-list.ts";

/**
 * What a range of guest memory is for: `code` (boot firmware volume), `configuration` (configuration firmware volume),
 * `hand-off` (the TD HOB list, which the hypervisor writes), `temporary` (zeros), `permanent` (added while the guest
 * runs).
 */
export type TdvfSectionKind = "code" | "configuration" | "hand-off" | "temporary" | "permanent";

/** A range of guest memory that the hypervisor prepares before the guest starts. */
export interface TdvfSection {
  readonly kind: TdvfSectionKind;
  /** Guest-physical address; on a page. */
  readonly address: number;
  /** Whole pages. */
  readonly sizeBytes: number;
  /** From the image, never longer than the section; empty where it starts as zeros or is written by the hypervisor. */
  readonly content: Uint8Array;
  /** Whether the content counts for MRTD (attribute MR.EXTEND), not only the addresses of its pages. */
  readonly extendsMrtd: boolean;
}

const TDVF_METADATA_GUID = "e47a6535-984a-4798-865e-4685a7bf8ec2";

/** The signature is `TDVF`. */
const LIST: SectionListForm = {
  name: "TDVF metadata",
  signature: 0x46564454,
  descriptorBytes: 32,
  hint: 'Name a whole image, such as "OVMF.fd" and not its half "OVMF_CODE.fd"; if it is one, it is damaged.',
};

const EXTEND_ATTRIBUTE = 1;
const AUGMENT_ATTRIBUTE = 2;

const KINDS: ReadonlyMap<number, TdvfSectionKind> = new Map([
  [0, "code"],
  [1, "configuration"],
  [2, "hand-off"],
  [3, "temporary"],
  [4, "permanent"],
]);

/** Kinds whose content stands in the image. */
const FROM_IMAGE: ReadonlySet<TdvfSectionKind> = new Set(["code", "configuration"]);

/**
 * Reads which ranges of memory the firmware wants prepared, in the order of the image, which is that of the measurement.
 *
 *     offset  size  field of each section
 *          0   4+4  offset and size in the image
 *          8   8+8  address and size in memory
 *         24     4  kind
 *         28     4  attributes
 *
 * @throws ContrastError `measure/firmware-not-tdx` without such a list, `measure/firmware-metadata-invalid`
 * @see Intel TDX Virtual Firmware Design Guide, section 11
 */
export function parseTdvfMetadata(image: FirmwareImage, table: GuidTable): readonly TdvfSection[] {
  const { bytes, path } = image;
  const entry = findEntry(table, TDVF_METADATA_GUID);
  if (entry === undefined) {
    throw new ContrastError(
      "measure/firmware-not-tdx",
      `Cannot measure firmware "${path}": it has no TDVF metadata, so no TDX guest can start with it`,
      {
        hint: 'Build OVMF from "OvmfPkg/IntelTdx/IntelTdxX64.dsc", or name the image that the runtime installs.',
        details: { path },
      },
    );
  }
  const list = readSectionList(image, entry, LIST);
  const sections: TdvfSection[] = [];
  for (const [index, descriptor] of list.descriptors.entries()) {
    const section = parseSection(bytes, descriptor);
    if (typeof section === "string") throw list.fail(section, index);
    const overlap = overlapFault(sections, section);
    if (overlap !== undefined) throw list.fail(overlap, index);
    sections.push(section);
  }
  const size = sizeFault(sections);
  if (size !== undefined) throw list.fail(size);
  for (const kind of ["code", "configuration", "hand-off"] as const) {
    const found = sections.filter((section) => section.kind === kind).length;
    // Firmware has one of each; with two, the registers would depend on which one the firmware takes.
    if (found !== 1) throw list.fail(`has ${found} sections of kind ${kind}, need 1`);
  }
  return sections;
}

/** The one section of a kind that every firmware has. */
export function theSection(sections: readonly TdvfSection[], kind: "code" | "configuration" | "hand-off"): TdvfSection {
  const section = sections.find((found) => found.kind === kind);
  if (section === undefined) throw new ContrastError("lib/internal", `Cannot measure: no section of kind ${kind}`);
  return section;
}

/** @returns what is wrong with it, where something is */
function parseSection(bytes: Uint8Array, view: DataView): TdvfSection | string {
  const [offset, contentBytes] = [view.getUint32(0, true), view.getUint32(4, true)];
  const [address, sizeBytes] = [Number(view.getBigUint64(8, true)), Number(view.getBigUint64(16, true))];
  const [kindNumber, attributes] = [view.getUint32(24, true), view.getUint32(28, true)];
  const kind = KINDS.get(kindNumber);
  if (kind === undefined) return `section kind ${kindNumber} is unknown`;
  if (!Number.isSafeInteger(address + sizeBytes)) return `${kind} section ends above the memory of any machine`;
  const content = bytes.subarray(offset, offset + contentBytes);
  const section: TdvfSection = {
    kind,
    address,
    sizeBytes,
    content,
    extendsMrtd: (attributes & EXTEND_ATTRIBUTE) !== 0,
  };
  const name = describeRange(section);
  if (address % PAGE_BYTES !== 0 || sizeBytes % PAGE_BYTES !== 0 || sizeBytes === 0)
    return `${name} is not of whole pages`;
  if (content.length !== contentBytes) return `${name} is not inside of the image`;
  if (contentBytes > sizeBytes) return `${name} has ${contentBytes} bytes in the image`;
  if (FROM_IMAGE.has(kind) !== contentBytes > 0) return `${name} has ${contentBytes} bytes in the image`;
  if ((attributes & ~(EXTEND_ATTRIBUTE | AUGMENT_ATTRIBUTE)) !== 0) return `${name} has attributes ${attributes}`;
  // Only memory that is added while the guest runs may come without being added before, and it cannot be measured.
  const wanted = kind === "permanent" ? AUGMENT_ATTRIBUTE : 0;
  if ((attributes & AUGMENT_ATTRIBUTE) !== wanted) return `${name} has attributes ${attributes}`;
  if (section.extendsMrtd && !FROM_IMAGE.has(kind)) return `${name} has attributes ${attributes}`;
  return section;
}
