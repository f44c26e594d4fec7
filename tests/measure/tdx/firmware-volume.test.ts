import { describe, expect, test } from "bun:test";
import { type FirmwareContent, listFirmwareFiles } from "../../../src/measure/tdx/firmware-volume.ts";
import { guidBytes } from "../../../src/measure/guid-bytes.ts";
import { PACKED, PACKED_NINE_TIMES, unpackTimes } from "../../fakes/lzma-sample.ts";
import { DRIVER, fakeTdxFirmware, fileOf, packedSection, sectionOf, volumeOf } from "../../fakes/tdx-firmware.ts";

const LZMA = "ee4e5898-3914-4259-9d6e-dc7bd79403cf";
const MAX_UNPACKED_BYTES = 100_000;
const DRIVER_FILE = fileOf(DRIVER.menu);
/** A file whose section has no bytes. */
const DAMAGED_FILE = fileOf(DRIVER.other, new Uint8Array(4));

function list(image: Uint8Array): FirmwareContent {
  return listFirmwareFiles(image, MAX_UNPACKED_BYTES);
}

function namesOf(image: Uint8Array): readonly string[] {
  return list(image).files.map(({ guid }) => guid);
}

/** A volume in a section of a file of a volume, and so on. */
function nestedVolumes(depth: number): Uint8Array {
  let volume = volumeOf([DRIVER_FILE], 0x100);
  for (let level = 0; level < depth; level += 1) {
    const file = fileOf(DRIVER.other, sectionOf(0x17, volume));
    volume = volumeOf([file], 96 + Math.ceil(file.length / 8) * 8);
  }
  return volume;
}

function write(volume: DataView, offset: number, guid: string): void {
  new Uint8Array(volume.buffer).set(guidBytes(guid), offset);
}

/** Sections begin at multiples of 4. */
function padded(section: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(section.length / 4) * 4);
  bytes.set(section);
  return bytes;
}

describe("listFirmwareFiles()", () => {
  test("unpacks what is packed", () => {
    const { unpacked, isIncomplete } = list(fakeTdxFirmware({ section: packedSection(LZMA, PACKED) }).bytes);
    expect(unpacked.map(({ length }) => length)).toEqual([1206]);
    // What is in this sample are no sections.
    expect(isIncomplete).toBeTrue();
  });

  test("unpacks no more than it may in all", () => {
    const packed = unpackTimes(PACKED_NINE_TIMES, 8);
    const sizeBytes = unpackTimes(packed, 1).length;
    const image = volumeOf([fileOf(DRIVER.other, packed), fileOf(DRIVER.other, packed)]);
    expect(listFirmwareFiles(image, 2 * sizeBytes)).toMatchObject({ isIncomplete: false, unpacked: { length: 2 } });
    expect(listFirmwareFiles(image, 2 * sizeBytes - 1)).toMatchObject({ isIncomplete: true, unpacked: { length: 1 } });
  });

  test("unpacks eight times what is packed in packed parts", () => {
    const image = volumeOf([fileOf(DRIVER.other, unpackTimes(PACKED_NINE_TIMES, 1))]);
    expect(list(image)).toMatchObject({ isIncomplete: false, unpacked: { length: 8 } });
    const deeper = volumeOf([fileOf(DRIVER.other, PACKED_NINE_TIMES)]);
    expect(list(deeper)).toMatchObject({ isIncomplete: true, unpacked: { length: 8 } });
  });

  test("looks into eight volumes inside of each other", () => {
    expect(list(nestedVolumes(8))).toMatchObject({ isIncomplete: false, files: { length: 9 } });
    expect(list(nestedVolumes(9))).toMatchObject({ isIncomplete: true, files: { length: 9 } });
  });

  test("lists no more files than firmware has", () => {
    const files = Array.from({ length: 4097 }, () => DRIVER_FILE);
    expect(list(volumeOf(files.slice(1), 0x20000))).toMatchObject({ isIncomplete: false, files: { length: 4096 } });
    expect(list(volumeOf(files, 0x20000))).toMatchObject({ isIncomplete: true, files: { length: 4096 } });
  });

  test("lists nothing behind a part that cannot be read", () => {
    expect(namesOf(volumeOf([DAMAGED_FILE, DRIVER_FILE]))).toEqual([DRIVER.other]);
    const volumes = Uint8Array.of(...volumeOf([DAMAGED_FILE], 0x1000), ...volumeOf([DRIVER_FILE], 0x1000));
    expect(namesOf(volumes)).toEqual([DRIVER.other]);
  });

  test("reads volumes of both file systems, with and without a name", () => {
    const volume = volumeOf([DRIVER_FILE]);
    const view = new DataView(volume.buffer);
    write(view, 16, "5473c07a-3dcb-4dca-bd6f-1e9689e7349a");
    expect(list(volume).files).toMatchObject([{ volumeGuid: "7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1" }]);
    view.setUint16(48, 96, true);
    view.setUint16(52, 0, true);
    expect(list(volume).files).toEqual([{ guid: DRIVER.menu, name: undefined, volumeGuid: undefined }]);
  });

  test("goes on behind a pad file, whose name is all ones as free space is", () => {
    const pad = fileOf("ffffffff-ffff-ffff-ffff-ffffffffffff");
    pad[18] = 0xf0;
    expect(namesOf(volumeOf([pad, DRIVER_FILE]))).toEqual([DRIVER.menu]);
  });

  test("takes free space that is shorter than the header of a large file", () => {
    expect(list(volumeOf([DRIVER_FILE], 96 + 24 + 24))).toMatchObject({ isIncomplete: false, files: { length: 1 } });
  });

  test("says that something may be hidden in a file without content that ends behind its volume", () => {
    const file = DRIVER_FILE.slice();
    file[20] = 25;
    expect(list(volumeOf([file], 96 + 24)).isIncomplete).toBeTrue();
  });

  test.each([
    ["is shorter than its header", Uint8Array.of(3, 0, 0, 0x19)],
    ["says to be long, without a length", Uint8Array.of(0xff, 0xff, 0xff, 0x19)],
  ])("says that something may be hidden behind a section that %s", (_, section) => {
    expect(list(volumeOf([fileOf(DRIVER.other, section)])).isIncomplete).toBeTrue();
  });

  test.each<[string, (volume: DataView) => void, boolean]>([
    ["a volume of variables", (volume) => write(volume, 16, "fff12b8d-7696-4c8b-a985-2747075b4f50"), false],
    ["a volume of another file system", (volume) => write(volume, 16, DRIVER.other), true],
    ["a volume with a file that ends behind it", (volume) => volume.setUint16(96 + 20, 0xffff, true), true],
    ["a volume with a file without header", (volume) => volume.setUint16(96 + 20, 23, true), true],
    ["a volume behind the end", (volume) => volume.setUint32(32, 0x4001, true), true],
    ["a volume without header", (volume) => volume.setUint32(32, 55, true), true],
  ])("says of %s whether something may be hidden", (_, change, hides) => {
    const volume = fakeTdxFirmware().bytes.slice(0x84000, 0x88000);
    change(new DataView(volume.buffer));
    expect(list(volume).isIncomplete).toBe(hides);
  });

  test("unpacks nothing behind a damaged part: thousands of those could be there", () => {
    const parts = [PACKED.subarray(0, 99), PACKED].flatMap((packed) => [...padded(packedSection(LZMA, packed))]);
    const image = fakeTdxFirmware({ section: Uint8Array.from(parts) }).bytes;
    expect(list(image)).toMatchObject({ unpacked: [], isIncomplete: true });
  });

  test("ends with the image cut off or any header byte changed", () => {
    const image = fakeTdxFirmware({ section: packedSection(LZMA, PACKED) }).bytes;
    const volume = image.slice(0x84000, 0x88000);
    for (let at = 0; at < 1200; at += 1) {
      const changed = volume.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      list(changed);
      list(volume.subarray(0, at));
    }
    expect(list(volume).files.length).toBe(4);
  });
});
