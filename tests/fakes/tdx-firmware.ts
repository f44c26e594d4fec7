import type { FirmwareImage } from "../../src/measure/firmware-image.ts";
import { parseFirmware } from "../../src/measure/read-firmware.ts";
import { guidBytes } from "../../src/measure/guid-bytes.ts";
import { encodeUtf16 } from "../../src/measure/tdx/utf16.ts";

/** Offset and size in the image, address and size in memory, kind, attributes. */
export type FakeTdvfSection = readonly [number, number, number, number, number, number];

/** The ranges of memory that OVMF wants, as builds of 2024 have them. */
const OVMF_MEMORY: readonly FakeTdvfSection[] = [
  [0, 0, 0x811000, 0xf000, 3, 0],
  [0, 0, 0x80b000, 0x2000, 3, 0],
  [0, 0, 0x809000, 0x2000, 2, 0],
  [0, 0, 0x800000, 0x6000, 3, 0],
];

const CONFIGURATION_BYTES = 0x84000;
const CODE_BYTES = 0x6000;
const IMAGE_BYTES = CONFIGURATION_BYTES + CODE_BYTES;
const START = 2 ** 32 - IMAGE_BYTES;

export const FAKE_SECTIONS: readonly FakeTdvfSection[] = [
  [CONFIGURATION_BYTES, CODE_BYTES, START + CONFIGURATION_BYTES, CODE_BYTES, 0, 1],
  [0, CONFIGURATION_BYTES, START, CONFIGURATION_BYTES, 1, 0],
  ...OVMF_MEMORY,
];

/** Drivers by what they are for. */
export const DRIVER = {
  measuring: "f062221e-c607-44c2-b0b4-c3886331d351",
  secureBoot: "f0e6a44f-7195-41c3-ac64-54f202cd0a21",
  menu: "462caa21-7614-4503-836e-8ab6f4662331",
  secondMenu: "eec25bdc-67f2-4d95-b1d5-f81b2039d11d",
  other: "12345678-1234-1234-1234-123456789abc",
} as const;

/** Changes of a fake; what is absent is as in an OVMF for TDX. */
export interface FakeTdxFirmware {
  readonly sections?: readonly FakeTdvfSection[];
  /** Signature, length, version, count. */
  readonly header?: readonly [number, number, number, number];
  readonly drivers?: readonly string[];
  readonly texts?: readonly string[];
  readonly configuration?: Uint8Array;
  /** A file in the volume of drivers that is not well-formed, or packed. */
  readonly section?: Uint8Array;
  readonly hasMetadata?: boolean;
  /** From the end of the image. */
  readonly metadataDistance?: number;
}

/** An image with TDVF metadata, an empty store of variables and drivers that are not packed. */
export function fakeTdxFirmware(fake: FakeTdxFirmware = {}): FirmwareImage {
  const { sections = FAKE_SECTIONS, drivers = [DRIVER.measuring, DRIVER.menu], metadataDistance = 0x1000 } = fake;
  const texts = fake.texts ?? ["ACPI DATA", " initrd=initrd"];
  const bytes = new Uint8Array(IMAGE_BYTES);
  bytes.set(fake.configuration ?? emptyConfiguration());
  const files = [
    ...drivers.map((guid) =>
      fileOf(guid, guid === DRIVER.menu ? sectionOf(0x15, encodeUtf16("UiApp\0")) : new Uint8Array()),
    ),
    fileOf(DRIVER.other, sectionOf(0x19, new TextEncoder().encode(texts.map((text) => `${text}\0`).join("")))),
    ...(fake.section === undefined ? [] : [fileOf("aaaaaaaa-0000-0000-0000-000000000000", fake.section)]),
  ];
  bytes.set(volumeOf(files), CONFIGURATION_BYTES);
  const header = fake.header ?? [0x46564454, 16 + 32 * sections.length, 1, sections.length];
  const view = new DataView(bytes.buffer);
  const metadata = IMAGE_BYTES - metadataDistance;
  header.forEach((value, index) => view.setUint32(metadata + 4 * index, value, true));
  for (const [index, [offset, size, address, memory, kind, attributes]] of sections.entries()) {
    const at = metadata + 16 + 32 * index;
    view.setUint32(at, offset, true);
    view.setUint32(at + 4, size, true);
    view.setBigUint64(at + 8, BigInt(address), true);
    view.setBigUint64(at + 16, BigInt(memory), true);
    view.setUint32(at + 24, kind, true);
    view.setUint32(at + 28, attributes, true);
  }
  const footer = IMAGE_BYTES - 32 - 18;
  view.setUint16(footer, fake.hasMetadata === false ? 18 : 40, true);
  bytes.set(guidBytes("96b582de-1fb2-45f7-baea-a366c55a082d"), footer + 2);
  view.setUint32(footer - 22, metadataDistance, true);
  view.setUint16(footer - 18, 22, true);
  bytes.set(guidBytes("e47a6535-984a-4798-865e-4685a7bf8ec2"), footer - 16);
  return parseFirmware("fake-tdx.fd", bytes);
}

/** The store of variables of OVMF's builds of 4 MiB, byte for byte, with variables put into it. */
export function emptyConfiguration(...variables: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(CONFIGURATION_BYTES).fill(0xff);
  bytes.set(
    Uint8Array.fromHex(
      "000000000000000000000000000000008d2bf1ff96768b4ca9852747075b4f5000400800000000005f465648fffe04004800afb80000000284000000001000000000000000000000782cf3aa7b949a43a1802e144ec37792b8ff03005afe000000000000",
    ),
  );
  bytes.set(Uint8Array.fromHex("2b29589e687c7d49a0ce6500fd9f1b952caf2c64feffffffe00f000000000000"), 0x41000);
  let at = 100;
  for (const variable of variables) {
    bytes.set(variable, at);
    at += Math.ceil(variable.length / 4) * 4;
  }
  return bytes;
}

/** A stored variable. */
export function storedVariable(name: string, state = 0x3f, nameBytes?: number): Uint8Array {
  const encoded = encodeUtf16(`${name}\0`);
  const bytes = new Uint8Array(60 + encoded.length + 3);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x55aa, true);
  view.setUint8(2, state);
  view.setUint32(36, nameBytes ?? encoded.length, true);
  view.setUint32(40, 3, true);
  bytes.set(encoded, 60);
  return bytes;
}

/** A section of a file in a volume. */
export function sectionOf(type: number, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + content.length);
  new DataView(bytes.buffer).setUint32(0, bytes.length | (type << 24), true);
  bytes.set(content, 4);
  return bytes;
}

/** A section that is packed by a way with a GUID. */
export function packedSection(guid: string, packed: Uint8Array): Uint8Array {
  const head = new Uint8Array(20);
  head.set(guidBytes(guid));
  new DataView(head.buffer).setUint16(16, 24, true);
  return sectionOf(2, Uint8Array.of(...head, ...packed));
}

/** A volume with files. */
export function volumeOf(files: readonly Uint8Array[], sizeBytes = 0x4000): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(0xff);
  const view = new DataView(bytes.buffer);
  bytes.fill(0, 0, 96);
  bytes.set(guidBytes("8c8ce578-8a3d-4f1c-9935-896185c32dd3"), 16);
  view.setBigUint64(32, BigInt(bytes.length), true);
  view.setUint32(40, 0x4856465f, true);
  view.setUint16(48, 72, true);
  view.setUint16(52, 72, true);
  bytes.set(guidBytes("7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1"), 72);
  view.setUint32(88, 20, true);
  let at = 96;
  for (const file of files) {
    bytes.set(file, at);
    at = Math.ceil((at + file.length) / 8) * 8;
  }
  return bytes;
}

/** A file of a volume. */
export function fileOf(guid: string, body: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(24 + body.length);
  bytes.set(guidBytes(guid));
  new DataView(bytes.buffer).setUint32(20, bytes.length, true);
  bytes[18] = 7;
  bytes.set(body, 24);
  return bytes;
}
