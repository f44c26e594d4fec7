import { readGuidText } from "../guid-bytes.ts";
import { unpackLzma } from "./lzma.ts";

/** What a file of a firmware volume is called. */
export interface FirmwareFile {
  readonly guid: string;
  /** From the user interface section, such as `UiApp`; most drivers of release builds have none. */
  readonly name: string | undefined;
  /** Name of the volume that the file stands in. */
  readonly volumeGuid: string | undefined;
}

/** What stands in the volumes of a firmware image. */
export interface FirmwareContent {
  readonly files: readonly FirmwareFile[];
  /** What was packed in the image, as it is unpacked. */
  readonly unpacked: readonly Uint8Array[];
  /** Whether a part is packed in a way that this reader does not know, or damaged. */
  readonly isIncomplete: boolean;
}

const VOLUME_ALIGNMENT = 4096;
const VOLUME_HEADER_BYTES = 56;
/** `_FVH` in a little-endian number. */
const VOLUME_SIGNATURE = 0x4856465f;
const FILE_SYSTEMS: ReadonlySet<string> = new Set([
  "8c8ce578-8a3d-4f1c-9935-896185c32dd3",
  "5473c07a-3dcb-4dca-bd6f-1e9689e7349a",
]);
/** Holds variables, no files. */
const VARIABLE_STORE = "fff12b8d-7696-4c8b-a985-2747075b4f50";
const LZMA_SECTION = "ee4e5898-3914-4259-9d6e-dc7bd79403cf";

const FILE_HEADER_BYTES = 24;
const LARGE_FILE_HEADER_BYTES = 32;
const LARGE_FILE_ATTRIBUTE = 1;
const RAW_FILE = 1;
const PAD_FILE = 0xf0;

const PACKED_SECTION = 2;
const NAME_SECTION = 0x15;
const VOLUME_SECTION = 0x17;

/** OVMF has four levels and about 150 files. */
const MAX_DEPTH = 8;
const MAX_FILES = 4096;

interface Walk {
  readonly files: FirmwareFile[];
  readonly unpacked: Uint8Array[];
  isIncomplete: boolean;
  /** How many bytes may yet be unpacked. */
  leftBytes: number;
}

/**
 * Lists the files of all firmware volumes of an image, also of those that are packed in others. It ends at the first
 * part that cannot be read: what stands behind would not make the list whole again, and unpacking takes time.
 *
 * @param maxUnpackedBytes what may be unpacked in all
 * @see UEFI Platform Initialization specification, volume 3
 */
export function listFirmwareFiles(image: Uint8Array, maxUnpackedBytes: number): FirmwareContent {
  const walk: Walk = { files: [], unpacked: [], isIncomplete: false, leftBytes: maxUnpackedBytes };
  walkVolumes(image, walk, 0);
  return { files: walk.files, unpacked: walk.unpacked, isIncomplete: walk.isIncomplete };
}

function walkVolumes(bytes: Uint8Array, walk: Walk, depth: number): void {
  const view = viewOf(bytes);
  for (let at = 0; at + VOLUME_HEADER_BYTES <= bytes.length;) {
    if (view.getUint32(at + 40, true) !== VOLUME_SIGNATURE) {
      at += VOLUME_ALIGNMENT;
      continue;
    }
    const size = Number(view.getBigUint64(at + 32, true));
    if (size < VOLUME_HEADER_BYTES || at + size > bytes.length) {
      walk.isIncomplete = true;
      return;
    }
    walkFiles(bytes.subarray(at, at + size), walk, depth);
    at += Math.ceil(size / VOLUME_ALIGNMENT) * VOLUME_ALIGNMENT;
  }
}

function walkFiles(volume: Uint8Array, walk: Walk, depth: number): void {
  const fileSystem = readGuidText(volume, 16);
  if (!FILE_SYSTEMS.has(fileSystem)) {
    if (fileSystem !== VARIABLE_STORE) walk.isIncomplete = true;
    return;
  }
  const view = viewOf(volume);
  const extension = view.getUint16(52, true);
  const hasExtension = extension !== 0 && extension + 20 <= volume.length;
  const volumeGuid = hasExtension ? readGuidText(volume, extension) : undefined;
  const headerEnd = hasExtension ? extension + view.getUint32(extension + 16, true) : view.getUint16(48, true);
  for (let at = align(headerEnd, 8); at + FILE_HEADER_BYTES <= volume.length && !walk.isIncomplete;) {
    const isLarge = (view.getUint8(at + 19) & LARGE_FILE_ATTRIBUTE) !== 0;
    const headerBytes = isLarge ? LARGE_FILE_HEADER_BYTES : FILE_HEADER_BYTES;
    if (at + headerBytes > volume.length) return;
    const size = isLarge ? Number(view.getBigUint64(at + 24, true)) : readUint24(view, at + 20);
    const guid = readGuidText(volume, at);
    // Free space is all ones.
    if (guid === "ffffffff-ffff-ffff-ffff-ffffffffffff" && view.getUint8(at + 18) !== PAD_FILE) return;
    if (size < headerBytes || at + size > volume.length || walk.files.length >= MAX_FILES) {
      walk.isIncomplete = true;
      return;
    }
    const type = view.getUint8(at + 18);
    if (type !== PAD_FILE) {
      const body = volume.subarray(at + headerBytes, at + size);
      const index = walk.files.push({ guid, name: undefined, volumeGuid }) - 1;
      const name = type === RAW_FILE ? undefined : walkSections(body, walk, depth);
      walk.files[index] = { guid, name, volumeGuid };
    }
    at = align(at + size, 8);
  }
}

/** @returns the name that a section gives the file */
function walkSections(body: Uint8Array, walk: Walk, depth: number): string | undefined {
  const view = viewOf(body);
  let name: string | undefined;
  for (let at = 0; at + 4 <= body.length && !walk.isIncomplete;) {
    const short = readUint24(view, at);
    const isLong = short === 0xffffff && at + 8 <= body.length;
    const size = isLong ? view.getUint32(at + 4, true) : short;
    const headerBytes = isLong ? 8 : 4;
    if (size < headerBytes || at + size > body.length) {
      walk.isIncomplete = true;
      return name;
    }
    const section = body.subarray(at, at + size);
    const content = section.subarray(headerBytes);
    const type = view.getUint8(at + 3);
    if (type === NAME_SECTION) name = new TextDecoder("utf-16le").decode(content).replace(/\0.*$/s, "");
    else if (depth < MAX_DEPTH && type === VOLUME_SECTION) walkVolumes(content, walk, depth + 1);
    else if (depth < MAX_DEPTH && type === PACKED_SECTION) walkPacked(section, headerBytes, walk, depth + 1);
    else if (type === VOLUME_SECTION || type === PACKED_SECTION || type === 1) walk.isIncomplete = true;
    at = align(at + size, 4);
  }
  return name;
}

function walkPacked(section: Uint8Array, headerBytes: number, walk: Walk, depth: number): void {
  if (section.length < headerBytes + 20) {
    walk.isIncomplete = true;
    return;
  }
  const guid = readGuidText(section, headerBytes);
  const packed = section.subarray(viewOf(section).getUint16(headerBytes + 16, true));
  const unpacked = guid === LZMA_SECTION ? unpackLzma(packed, walk.leftBytes) : undefined;
  if (unpacked === undefined) {
    walk.isIncomplete = true;
    return;
  }
  walk.leftBytes -= unpacked.length;
  walk.unpacked.push(unpacked);
  walkSections(unpacked, walk, depth);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readUint24(view: DataView, offset: number): number {
  return view.getUint16(offset, true) + view.getUint8(offset + 2) * 0x10000;
}

function align(offset: number, to: number): number {
  return Math.ceil(offset / to) * to;
}
