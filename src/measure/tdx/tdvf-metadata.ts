import { ContrastError } from "../../lib/errors.ts";
import { type FirmwareImage, PAGE_BYTES } from "../firmware-image.ts";
import { findEntry, type GuidTable, hexOffset } from "../guid-table.ts";
import { metadataOffset } from "../metadata-offset.ts";

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

/** `TDVF` in a little-endian number. */
const SIGNATURE = 0x46564454;
const HEADER_BYTES = 16;
const DESCRIPTOR_BYTES = 32;
const VERSION = 1;

/** OVMF has six sections; the bounds keep a hostile image from costing more than a second. */
const MAX_SECTIONS = 64;
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

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
 *     offset  size  field
 *          0     4  "TDVF"
 *          4     4  length of all, 16 + 32 for each section
 *          8     4  version, 1
 *         12     4  number of sections
 *         16    32  each section: offset and size in the image (4 + 4), address and size in memory (8 + 8),
 *                   kind (4), attributes (4)
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
  const start = metadataOffset(image, entry, HEADER_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start);
  const field = (offset: number): number => view.getUint32(offset, true);
  const fail = (offset: number, fact: string): ContrastError =>
    new ContrastError(
      "measure/firmware-metadata-invalid",
      `Cannot read firmware "${path}": TDVF metadata at offset ${hexOffset(start + offset)}: ${fact}`,
      {
        hint: 'Name a whole image, such as "OVMF.fd" and not its half "OVMF_CODE.fd"; if it is one, it is damaged.',
        details: { path, offset: start + offset },
      },
    );
  if (field(0) !== SIGNATURE) throw fail(0, `signature is ${hexOffset(field(0))}, need ${hexOffset(SIGNATURE)}`);
  if (field(8) !== VERSION) throw fail(8, `version is ${field(8)}, need ${VERSION}`);
  const count = field(12);
  if (count > MAX_SECTIONS) throw fail(12, `has ${count} sections, limit ${MAX_SECTIONS}`);
  const size = HEADER_BYTES + count * DESCRIPTOR_BYTES;
  if (field(4) !== size || size > view.byteLength) {
    throw fail(4, `is ${field(4)} bytes long, need ${size} for ${count} sections, ${view.byteLength} are there`);
  }
  const sections: TdvfSection[] = [];
  for (let offset = HEADER_BYTES; offset < size; offset += DESCRIPTOR_BYTES) {
    const section = parseSection(bytes, new DataView(view.buffer, view.byteOffset + offset, DESCRIPTOR_BYTES));
    if (typeof section === "string") throw fail(offset, section);
    const other = sections.find((found) => overlap(found, section));
    if (other !== undefined) throw fail(offset, `${describe(section)} overlaps ${describe(other)}`);
    sections.push(section);
  }
  const total = sections.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (total > MAX_TOTAL_BYTES) throw fail(12, `sections are ${total} bytes, limit ${MAX_TOTAL_BYTES}`);
  for (const kind of ["code", "configuration", "hand-off"] as const) {
    const found = sections.filter((section) => section.kind === kind).length;
    // Firmware has one of each; with two, the registers would depend on which one the firmware takes.
    if (found !== 1) throw fail(12, `has ${found} sections of kind ${kind}, need 1`);
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
  const name = describe(section);
  if (address % PAGE_BYTES !== 0 || sizeBytes % PAGE_BYTES !== 0 || sizeBytes === 0)
    return `${name} is not of whole pages`;
  if (content.length !== contentBytes) return `${name} is not inside of the image`;
  if (contentBytes > sizeBytes) return `${name} has ${contentBytes} bytes in the image`;
  if (FROM_IMAGE.has(kind) !== contentBytes > 0) return `${name} has ${contentBytes} bytes in the image`;
  if ((attributes & ~(EXTEND_ATTRIBUTE | AUGMENT_ATTRIBUTE)) !== 0) return `${name} has attributes ${attributes}`;
  // Only memory that is added while the guest runs may come without being added before, and it cannot be measured.
  const wanted = kind === "permanent" ? AUGMENT_ATTRIBUTE : 0;
  if ((attributes & AUGMENT_ATTRIBUTE) !== wanted) return `${name} has attributes ${attributes}`;
  if (kind !== "code" && section.extendsMrtd && kind !== "configuration") return `${name} has attributes ${attributes}`;
  return section;
}

function overlap(a: TdvfSection, b: TdvfSection): boolean {
  return a.address < b.address + b.sizeBytes && b.address < a.address + a.sizeBytes;
}

function describe({ kind, address, sizeBytes }: TdvfSection): string {
  return `${kind} section of ${hexOffset(sizeBytes)} bytes at ${hexOffset(address)}`;
}
