import { ContrastError } from "../../lib/errors.ts";
import { type FirmwareImage, PAGE_BYTES } from "../firmware-image.ts";
import { GUID_BYTES, guidBytes } from "../guid-bytes.ts";
import { findEntry, type GuidTable, type GuidTableEntry, hexOffset } from "../guid-table.ts";
import type { SevSection } from "../sev-metadata.ts";

/** SHA-256 of what QEMU hands to the firmware in place of a disk; 32 bytes each. */
export interface KernelHashes {
  readonly kernel: Uint8Array;
  /** Of no bytes where there is no initrd. */
  readonly initrd: Uint8Array;
  /** Of the text with a NUL byte behind it. */
  readonly commandLine: Uint8Array;
}

/** Says where the firmware looks for the table: address and size, 4 bytes each. */
const AREA_GUID = "7255371f-3a3b-4b04-927b-1da6efa8d454";
const AREA_ENTRY_BYTES = 8;

/** GUIDs of the table and of its entries. */
const GUID = {
  table: "9438d606-4f22-4cc9-b479-a793d411fd21",
  commandLine: "97d02dd8-bd20-4c94-aa78-e7714d36ab2a",
  initrd: "44baf731-3a2f-4bd7-9af1-41e29169781d",
  kernel: "4de79437-abd2-427f-b835-d5b172d2045b",
} as const;

const HEADER_BYTES = GUID_BYTES + 2;
const ENTRY_BYTES = HEADER_BYTES + 32;
const TABLE_BYTES = HEADER_BYTES + 3 * ENTRY_BYTES;
/** The table is filled up with zeros, as its users decrypt it in blocks of 16 bytes. */
const PADDED_TABLE_BYTES = Math.ceil(TABLE_BYTES / 16) * 16;

/**
 * The page with the table of hashes, which lets the firmware refuse every other kernel. Each of the table and its
 * entries (command line, initrd, kernel) starts with a GUID and 2 bytes of length, little-endian.
 *
 * @returns one page, to be measured at the address of the `kernel-hashes` section
 * @throws ContrastError `measure/firmware-no-hashes-area` where the firmware would start any kernel,
 *   `measure/firmware-metadata-invalid`
 * @see qemu `target/i386/sev.c`, `build_kernel_loader_hashes`
 */
export function encodeKernelHashesPage(
  image: FirmwareImage,
  table: GuidTable,
  sections: readonly SevSection[],
  hashes: KernelHashes,
): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES);
  let at = placeOfTable(image, table, sections);
  const add = (guid: string, length: number, hash?: Uint8Array): void => {
    page.set(guidBytes(guid), at);
    new DataView(page.buffer).setUint16(at + GUID_BYTES, length, true);
    if (hash !== undefined) page.set(hash, at + HEADER_BYTES);
    at += hash === undefined ? HEADER_BYTES : ENTRY_BYTES;
  };
  add(GUID.table, TABLE_BYTES);
  add(GUID.commandLine, ENTRY_BYTES, hashes.commandLine);
  add(GUID.initrd, ENTRY_BYTES, hashes.initrd);
  add(GUID.kernel, ENTRY_BYTES, hashes.kernel);
  return page;
}

/** Offset of the table in its page. */
function placeOfTable(image: FirmwareImage, table: GuidTable, sections: readonly SevSection[]): number {
  const section = sections.find(({ kind }) => kind === "kernel-hashes");
  const entry = findEntry(table, AREA_GUID);
  const area = entry === undefined ? undefined : parseArea(image, entry);
  if (section === undefined || area === undefined) {
    throw new ContrastError(
      "measure/firmware-no-hashes-area",
      `Cannot measure a kernel with firmware "${image.path}": it has no area for SEV hashes (${missingPart(area)}), so QEMU refuses to start it with a measured kernel`,
      {
        hint: 'Name firmware that was built from "OvmfPkg/AmdSev/AmdSevX64.dsc"; without --kernel, the firmware alone is measured.',
        details: { path: image.path },
      },
    );
  }
  const start = area.address - section.address;
  if (start < 0 || start + PADDED_TABLE_BYTES > PAGE_BYTES || area.sizeBytes < PADDED_TABLE_BYTES) {
    throw invalidArea(
      image,
      area.entry,
      `${area.sizeBytes} bytes at ${hexOffset(area.address)}, need ${PADDED_TABLE_BYTES} inside of the page at ${hexOffset(section.address)}`,
    );
  }
  return start;
}

interface Area {
  readonly entry: GuidTableEntry;
  readonly address: number;
  readonly sizeBytes: number;
}

/** @returns undefined for the empty entry of firmware that was built without the area */
function parseArea(image: FirmwareImage, entry: GuidTableEntry): Area | undefined {
  const { data } = entry;
  if (data.length !== AREA_ENTRY_BYTES) {
    throw invalidArea(image, entry, `the entry has ${data.length} bytes, need ${AREA_ENTRY_BYTES}`);
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const area = { entry, address: view.getUint32(0, true), sizeBytes: view.getUint32(4, true) };
  return area.address === 0 || area.sizeBytes === 0 ? undefined : area;
}

function missingPart(area: Area | undefined): string {
  return area === undefined ? `entry ${AREA_GUID} is empty or missing` : "no section of kind 0x10 in its SEV metadata";
}

function invalidArea({ path }: FirmwareImage, { offset }: GuidTableEntry, fact: string): ContrastError {
  return new ContrastError(
    "measure/firmware-metadata-invalid",
    `Cannot read firmware "${path}": area for SEV hashes, entry at offset ${hexOffset(offset)}: ${fact}`,
    { hint: "Get the image again; it is damaged.", details: { path, offset } },
  );
}
