import { ContrastError } from "../lib/errors.ts";
import type { FirmwareImage } from "./firmware-image.ts";
import { GUID_BYTES, readGuidText } from "./guid-bytes.ts";

/** What the firmware says about itself under one GUID. */
export interface GuidTableEntry {
  /** Such as `00f771de-1a7e-4fcb-890e-68c77e2fb44e`. */
  readonly guid: string;
  /** Offset of `data` in the image. */
  readonly offset: number;
  readonly data: Uint8Array;
}

/** The GUIDed structures at the end of a firmware image, the last of the image first; each GUID occurs once. */
export type GuidTable = readonly GuidTableEntry[];

/** Ends the table; its length is that of the whole table. */
const FOOTER_GUID = "96b582de-1fb2-45f7-baea-a366c55a082d";

/** The reset vector stands behind the table. */
const RESET_VECTOR_BYTES = 32;

const LENGTH_BYTES = 2;
const ENTRY_END_BYTES = LENGTH_BYTES + GUID_BYTES;

/**
 * Reads the table of GUIDed structures that stands right in front of the reset vector. It is read backwards:
 *
 *     data     as the GUID demands
 *     length   2 bytes, little-endian, of data, length and GUID together
 *     GUID     16 bytes, the first three parts little-endian
 *
 * @throws ContrastError `measure/firmware-table-missing`, `measure/firmware-table-invalid`
 * @see tianocore/edk2 `OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm`
 */
export function parseGuidTable(image: FirmwareImage): GuidTable {
  const { bytes, path } = image;
  const end = bytes.length - RESET_VECTOR_BYTES;
  const footer = end - ENTRY_END_BYTES;
  if (readGuidText(bytes, end - GUID_BYTES) !== FOOTER_GUID) {
    throw new ContrastError(
      "measure/firmware-table-missing",
      `Cannot read firmware "${path}": no table of GUIDs at offset ${hexOffset(footer)}`,
      {
        hint: "Name an OVMF image: its code part or the whole image, not the file of variables.",
        details: { path, offset: footer },
      },
    );
  }
  const size = readLength(bytes, footer);
  const start = end - size;
  if (size < ENTRY_END_BYTES || start < 0) {
    throw invalidTable(image, footer, `the table is ${size} bytes long, of ${end} bytes in front of its end`);
  }
  return parseEntries(image, start, footer);
}

/** The structure with a GUID, where the firmware has it. */
export function findEntry(table: GuidTable, guid: string): GuidTableEntry | undefined {
  return table.find((entry) => entry.guid === guid);
}

/** An offset in an image as messages show it, such as `0x1ffad4`. */
export function hexOffset(offset: number): string {
  return `0x${offset.toString(16)}`;
}

function parseEntries(image: FirmwareImage, start: number, tableEnd: number): GuidTable {
  const { bytes } = image;
  const entries: GuidTableEntry[] = [];
  const seen = new Set<string>();
  for (let end = tableEnd; end > start;) {
    const lengthAt = end - ENTRY_END_BYTES;
    if (lengthAt < start) throw invalidTable(image, start, `${end - start} bytes are left, too few for an entry`);
    const length = readLength(bytes, lengthAt);
    const guid = readGuidText(bytes, lengthAt + LENGTH_BYTES);
    const offset = end - length;
    if (length < ENTRY_END_BYTES || offset < start) {
      throw invalidTable(image, lengthAt, `entry ${guid} is ${length} bytes long, of ${end - start} bytes left`);
    }
    // Programs differ in which of two they take, so two would mean something else to each.
    if (seen.has(guid)) throw invalidTable(image, lengthAt, `entry ${guid} occurs twice`);
    seen.add(guid);
    entries.push({ guid, offset, data: bytes.subarray(offset, lengthAt) });
    end = offset;
  }
  return entries;
}

function readLength(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(offset, true);
}

function invalidTable({ path }: FirmwareImage, offset: number, fact: string): ContrastError {
  return new ContrastError(
    "measure/firmware-table-invalid",
    `Cannot read firmware "${path}": table of GUIDs at offset ${hexOffset(offset)}: ${fact}`,
    { hint: "Get the image again; it is damaged.", details: { path, offset } },
  );
}
