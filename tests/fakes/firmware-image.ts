import { type FirmwareImage, PAGE_BYTES } from "../../src/measure/firmware-image.ts";
import { parseFirmware } from "../../src/measure/read-firmware.ts";

/** GUIDs as they lie in memory. */
export const GUID = {
  footer: "de82b596b21ff745baeaa366c55a082d",
  resetBlock: "de71f7007e1acb4f890e68c77e2fb44e",
  hashesArea: "1f3755723b3a044b927b1da6efa8d454",
  sevMetadata: "666588dc4a989847a75e5585a7bf67cc",
} as const;

/** One entry of the table, from its beginning to its end: the last one stands right in front of the footer. */
export interface FakeEntry {
  readonly guid: string;
  readonly data: Uint8Array;
  /** What the entry says about its length, where that is a lie. */
  readonly length?: number;
}

/** Address, size and kind number of a section. */
export type FakeSection = readonly [address: number, sizeBytes: number, kind: number];

export const SECTIONS: readonly FakeSection[] = [
  [0x800000, 0x9000, 1],
  [0x80d000, 0x1000, 2],
  [0x80e000, 0x1000, 3],
  [0x80f000, 0x1000, 4],
  [0x810000, 0x1000, 0x10],
];

/** Where the table of hashes lies in a fake, as in OVMF for SEV. */
export const HASHES_AREA = { address: 0x810c00, sizeBytes: 0x400 } as const;

/** Distance of the SEV metadata from the end of a fake image. */
export const METADATA_DISTANCE = 0x500;

/** Changes of a fake image; what is absent is as in real OVMF. */
export interface FakeFirmware {
  readonly pages?: number;
  readonly entries?: readonly FakeEntry[];
  readonly sections?: readonly FakeSection[];
  /** Header of the metadata: signature, length, version, count. */
  readonly header?: readonly [number, number, number, number];
  /** What the footer says about the length of the table. */
  readonly tableBytes?: number;
}

export function numbers(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(4 * index, value, true));
  return bytes;
}

/** The entries of a fake that changes none. */
export function usualEntries(): readonly FakeEntry[] {
  return [
    { guid: GUID.sevMetadata, data: numbers(METADATA_DISTANCE) },
    { guid: GUID.hashesArea, data: numbers(HASHES_AREA.address, HASHES_AREA.sizeBytes) },
    { guid: GUID.resetBlock, data: numbers(0x80b004) },
  ];
}

/** The bytes of an image with a table and SEV metadata; the rest is a pattern. */
export function fakeFirmware(fake: FakeFirmware = {}): Uint8Array {
  const { pages = 2, entries = usualEntries(), sections = SECTIONS } = fake;
  const bytes = Uint8Array.from({ length: pages * PAGE_BYTES }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
  const header = fake.header ?? [0x56455341, 16 + 12 * sections.length, 1, sections.length];
  bytes.set(numbers(...header, ...sections.flat()), bytes.length - METADATA_DISTANCE);
  const table = entries.map(encodeEntry);
  const size = table.reduce((sum, { length }) => sum + length, 18);
  table.push(encodeEntry({ guid: GUID.footer, data: new Uint8Array(), length: fake.tableBytes ?? size }));
  let at = bytes.length - 32 - size;
  for (const entry of table) {
    bytes.set(entry, at);
    at += entry.length;
  }
  return bytes;
}

/** The same as an image. */
export function fakeImage(fake: FakeFirmware = {}): FirmwareImage {
  return parseFirmware("fake.fd", fakeFirmware(fake));
}

/**
 * OVMF as Debian builds it has no area for hashes of kernels. This makes one of the first page of its last section, as
 * builds for SEV have it: the image then differs only in numbers that describe it.
 */
export function withHashesArea(ovmf: Uint8Array): Uint8Array {
  const bytes = ovmf.slice();
  const area = find(bytes, numbers(...SECTION_OF_DEBIAN));
  bytes.set(numbers(SECTION_OF_DEBIAN[0], PAGE_BYTES, 0x10), area);
  bytes.set(numbers(SECTION_OF_DEBIAN[0] + 0xc00, 0x400), find(bytes, Uint8Array.fromHex(GUID.hashesArea)) - 10);
  return bytes;
}

/** The last section of Debian's OVMF. */
const SECTION_OF_DEBIAN = [0x80f000, 0x11000, 1] as const;

function find(bytes: Uint8Array, wanted: Uint8Array): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(wanted);
  if (at < 0) throw new Error("Debian's OVMF looks different now");
  return at;
}

function encodeEntry({ guid, data, length = data.length + 18 }: FakeEntry): Uint8Array {
  const bytes = new Uint8Array(data.length + 18);
  bytes.set(data);
  new DataView(bytes.buffer).setUint16(data.length, length, true);
  bytes.set(Uint8Array.fromHex(guid), data.length + 2);
  return bytes;
}
