import { describe, expect, test } from "bun:test";
import { firmwareFeatures } from "../../../src/measure/tdx/firmware-features.ts";
import { storedVariables } from "../../../src/measure/tdx/variable-store.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { PACKED, PACKED_NINE_TIMES, unpackTimes } from "../../fakes/lzma-sample.ts";
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

/** A volume whose header is of no length, so that the store would begin with the volume. */
function storeAtBegin(volume: Uint8Array): Uint8Array {
  const store = volume.slice(72);
  store.fill(0, 48, 50);
  return store;
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

  test("finds texts in what is packed", () => {
    const section = unpackTimes(PACKED_NINE_TIMES, 8);
    expect(featuresOf({ section }).measuresFwCfg).toBeTrue();
  });

  test("refuses a menu in a volume without a name", () => {
    const image = fakeTdxFirmware();
    new DataView(image.bytes.buffer).setUint16(0x84000 + 48, 96, true);
    new DataView(image.bytes.buffer).setUint16(0x84000 + 52, 0, true);
    expect(codeOf(() => firmwareFeatures(image))).toBe("measure/firmware-boot-options");
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
    ["a volume of nothing but another byte", (volume) => volume.fill(0x55)],
    ["a store in place of the header", storeAtBegin],
    ["a header behind the end", (volume) => volume.subarray(0, 90)],
    ["a store of another kind", (volume) => volume.fill(0, 72, 74)],
    ["a store behind the end", (volume) => volume.fill(0xff, 88, 92)],
    ["a variable behind the end", () => emptyConfiguration(storedVariable("PK", 0x3f, 0xfffff))],
  ])("refuses %s", (_, change) => {
    expect(codeOf(() => storedVariables(change(emptyConfiguration())))).toBe("measure/variable-store-invalid");
  });
});
