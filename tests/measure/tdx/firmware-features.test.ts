import { describe, expect, test } from "bun:test";
import { firmwareFeatures } from "../../../src/measure/tdx/firmware-features.ts";
import { listFirmwareFiles } from "../../../src/measure/tdx/firmware-volume.ts";
import { guidBytes } from "../../../src/measure/tdx/guid-bytes.ts";
import { storedVariables } from "../../../src/measure/tdx/variable-store.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { PACKED } from "../../fakes/lzma-sample.ts";
import {
  DRIVER,
  emptyConfiguration,
  type FakeTdxFirmware,
  fakeTdxFirmware,
  packedSection,
  storedVariable,
} from "../../fakes/tdx-firmware.ts";

const LZMA = "ee4e5898-3914-4259-9d6e-dc7bd79403cf";

function featuresOf(fake: FakeTdxFirmware): ReturnType<typeof firmwareFeatures> {
  return firmwareFeatures(fakeTdxFirmware(fake));
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

describe("firmwareFeatures()", () => {
  test("finds the drivers and texts that decide about events", () => {
    expect(featuresOf({})).toEqual({
      knowsSecureBoot: false,
      menu: {
        description: "UiApp",
        volumeGuid: "7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1",
        fileGuid: DRIVER.menu,
      },
      hasOtherBootOptions: false,
      measuresAcpi: true,
      measuresFwCfg: false,
      initrdOption: "behind",
    });
    const drivers = [DRIVER.measuring, DRIVER.menu, DRIVER.secureBoot];
    expect(featuresOf({ drivers, texts: ["initrd=initrd "] })).toMatchObject({
      knowsSecureBoot: true,
      measuresAcpi: false,
      initrdOption: "before",
    });
    expect(featuresOf({ drivers: [...drivers, DRIVER.secondMenu] }).hasOtherBootOptions).toBeTrue();
    expect(featuresOf({ texts: [] }).initrdOption).toBeUndefined();
    expect(featuresOf({ texts: [" initrd=initrd", "initrd=initrd "] }).initrdOption).toBeUndefined();
  });

  test("finds drivers in a volume inside of another", () => {
    const drivers = [DRIVER.measuring, DRIVER.menu, DRIVER.secureBoot];
    const inner = fakeTdxFirmware({ drivers }).bytes.slice(0x84000, 0x84400);
    new DataView(inner.buffer).setBigUint64(32, 0x400n, true);
    const section = Uint8Array.of(0x04, 0x04, 0, 0x17, ...inner);
    expect(featuresOf({ section }).knowsSecureBoot).toBeTrue();
  });

  test.each<[string, FakeTdxFirmware, string]>([
    ["has a section of no bytes", { section: new Uint8Array(4) }, "measure/firmware-unreadable"],
    [
      "has a part that UEFI compressed",
      { section: Uint8Array.of(8, 0, 0, 1, 0, 0, 0, 0) },
      "measure/firmware-unreadable",
    ],
    [
      "has a packed part without GUID",
      { section: Uint8Array.of(8, 0, 0, 2, 0, 0, 0, 0) },
      "measure/firmware-unreadable",
    ],
    ["measures nothing", { drivers: [DRIVER.menu] }, "measure/firmware-unmeasured"],
    ["has no menu", { drivers: [DRIVER.measuring] }, "measure/firmware-boot-options"],
    [
      "is packed in an unknown way",
      { drivers: [DRIVER.menu], section: packedSection(DRIVER.other, PACKED) },
      "measure/firmware-unreadable",
    ],
    [
      "is packed and damaged",
      { drivers: [DRIVER.menu], section: packedSection(LZMA, PACKED.subarray(0, 99)) },
      "measure/firmware-unreadable",
    ],
    [
      "has all that decides, and a part that cannot be read",
      { section: packedSection(DRIVER.other, PACKED) },
      "measure/firmware-unreadable",
    ],
  ])("refuses firmware that %s", (_, fake, code) => {
    expect(codeOf(() => featuresOf(fake))).toBe(code);
  });
});

describe("listFirmwareFiles()", () => {
  test("unpacks what is packed", () => {
    const { unpacked, isIncomplete } = listFirmwareFiles(
      fakeTdxFirmware({ section: packedSection(LZMA, PACKED) }).bytes,
    );
    expect(unpacked.map(({ length }) => length)).toEqual([1206]);
    // What is in this sample are no sections.
    expect(isIncomplete).toBeTrue();
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
    expect(listFirmwareFiles(volume).isIncomplete).toBe(hides);
  });

  test("unpacks nothing behind a damaged part: thousands of those could be there", () => {
    const parts = [PACKED.subarray(0, 99), PACKED].flatMap((packed) => [...padded(packedSection(LZMA, packed))]);
    const image = fakeTdxFirmware({ section: Uint8Array.from(parts) }).bytes;
    expect(listFirmwareFiles(image)).toMatchObject({ unpacked: [], isIncomplete: true });
  });

  test("ends with the image cut off or any header byte changed", () => {
    const image = fakeTdxFirmware({ section: packedSection(LZMA, PACKED) }).bytes;
    const volume = image.slice(0x84000, 0x88000);
    for (let at = 0; at < 1200; at += 1) {
      const changed = volume.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      listFirmwareFiles(changed);
      listFirmwareFiles(volume.subarray(0, at));
    }
    expect(listFirmwareFiles(volume).files.length).toBe(4);
  });
});

describe("storedVariables()", () => {
  test("names the variables that count", () => {
    const deleted = storedVariable("KEK", 0x3c);
    const volume = emptyConfiguration(storedVariable("Lang"), deleted, storedVariable("PK", 0x3e));
    expect(storedVariables(volume)).toEqual(["Lang", "PK"]);
    expect(storedVariables(emptyConfiguration())).toEqual([]);
  });

  test.each([0, 0xff])("takes a volume of nothing but %d as empty", (value) => {
    expect(storedVariables(new Uint8Array(0x1000).fill(value))).toEqual([]);
  });

  test.each<[string, (volume: Uint8Array) => Uint8Array]>([
    ["a short volume", () => Uint8Array.of(1, 2, 3)],
    ["a volume without header", (volume) => volume.fill(0, 48, 50)],
    ["a header behind the end", (volume) => volume.subarray(0, 90)],
    ["a store of another kind", (volume) => volume.fill(0, 72, 74)],
    ["a store behind the end", (volume) => volume.fill(0xff, 88, 92)],
    ["a variable behind the end", () => emptyConfiguration(storedVariable("PK", 0x3f, 0xfffff))],
  ])("refuses %s", (_, change) => {
    expect(codeOf(() => storedVariables(change(emptyConfiguration())))).toBe("measure/variable-store-invalid");
  });
});
