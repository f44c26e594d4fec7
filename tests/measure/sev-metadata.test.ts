import { describe, expect, test } from "bun:test";
import type { FirmwareImage } from "../../src/measure/firmware-image.ts";
import { parseGuidTable } from "../../src/measure/guid-table.ts";
import { parseFirmware } from "../../src/measure/read-firmware.ts";
import { parseSevMetadata, type SevSection } from "../../src/measure/sev-metadata.ts";
import { codeOf } from "../fakes/error-code.ts";
import {
  type FakeFirmware,
  fakeFirmware,
  fakeImage,
  type FakeSection,
  GUID,
  METADATA_DISTANCE,
  numbers,
  usualEntries,
} from "../fakes/firmware-image.ts";
import { seededRandom } from "../fakes/mutations.ts";

const parse = (image: FirmwareImage): readonly SevSection[] => parseSevMetadata(image, parseGuidTable(image));
const SIGNATURE = 0x56455341;

/** An image whose entry for the metadata holds other data. */
function pointingTo(data: Uint8Array): FakeFirmware {
  const [, ...others] = usualEntries();
  return { entries: [{ guid: GUID.sevMetadata, data }, ...others] };
}

describe("parseSevMetadata()", () => {
  test("gives the sections in the order of the image", () => {
    expect(parse(fakeImage())).toEqual([
      { kind: "memory", address: 0x800000, sizeBytes: 0x9000 },
      { kind: "secrets", address: 0x80d000, sizeBytes: 0x1000 },
      { kind: "cpuid", address: 0x80e000, sizeBytes: 0x1000 },
      { kind: "svsm-calling-area", address: 0x80f000, sizeBytes: 0x1000 },
      { kind: "kernel-hashes", address: 0x810000, sizeBytes: 0x1000 },
    ]);
  });

  test("takes firmware without sections, and one that ends where the image begins", () => {
    expect(parse(fakeImage({ sections: [] }))).toEqual([]);
    expect(parse(fakeImage({ sections: [[0xffffd000, 0x1000, 1]] }))).toHaveLength(1);
  });

  test("takes sections in any order, and several of memory", () => {
    const sections: readonly FakeSection[] = [
      [0x802000, 0x1000, 1],
      [0x801000, 0x1000, 1],
    ];
    expect(parse(fakeImage({ sections })).map(({ address }) => address)).toEqual([0x802000, 0x801000]);
  });

  test("refuses metadata that begin less than a header before the end", () => {
    const bytes = fakeFirmware(pointingTo(numbers(15)));
    bytes.set(numbers(SIGNATURE, 16, 1), bytes.length - 15);
    expect(codeOf(() => parse(parseFirmware("x", bytes)))).toBe("measure/firmware-metadata-invalid");
  });

  test("leaves out sections without pages, as builds for TDX list them", () => {
    const sections: readonly FakeSection[] = [
      [0x800000, 0x1000, 1],
      [0, 0, 4],
      [0, 0, 1],
    ];
    expect(parse(fakeImage({ sections }))).toEqual([{ kind: "memory", address: 0x800000, sizeBytes: 0x1000 }]);
  });

  test("refuses firmware that says nothing about SEV-SNP", () => {
    expect(codeOf(() => parse(fakeImage({ entries: [] })))).toBe("measure/firmware-not-snp");
  });

  const one: FakeSection = [0x800000, 0x2000, 1];
  const many = Array.from({ length: 65 }, (_, index): FakeSection => [0x1000 * index, 0x1000, 1]);
  test.each<[string, FakeFirmware]>([
    ["an entry of other size", pointingTo(numbers(METADATA_DISTANCE, 0))],
    ["metadata before the image", pointingTo(numbers(8193))],
    ["another signature", { header: [SIGNATURE + 1, 76, 1, 5] }],
    ["another version", { header: [SIGNATURE, 76, 2, 5] }],
    ["a length that is not that of the sections", { header: [SIGNATURE, 77, 1, 5] }],
    ["more sections than firmware has", { sections: many }],
    ["sections behind the end of the image", { ...pointingTo(numbers(16)), header: [SIGNATURE, 28, 1, 1] }],
    ["an unknown kind", { sections: [[0x800000, 0x1000, 5]] }],
    ["half pages", { sections: [[0x800000, 0x800, 1]] }],
    ["an address within a page", { sections: [[0x800800, 0x1000, 1]] }],
    ["secrets without a page", { sections: [[0x800000, 0, 2]] }],
    ["CPUID values without a page", { sections: [[0x800000, 0, 3]] }],
    ["hashes without a page", { sections: [[0x800000, 0, 0x10]] }],
    ["nothing within a page", { sections: [[0x800800, 0, 1]] }],
    ["a section that ends above 4 GiB", { sections: [[0xfffff000, 0x2000, 1]] }],
    ["a section that reaches into the firmware", { sections: [[0xffffd000, 0x2000, 1]] }],
    [
      "two sections of secrets",
      {
        sections: [
          [0x800000, 0x1000, 2],
          [0x900000, 0x1000, 2],
        ],
      },
    ],
    [
      "two sections of CPUID values",
      {
        sections: [
          [0x800000, 0x1000, 3],
          [0x900000, 0x1000, 3],
        ],
      },
    ],
    [
      "two sections of hashes",
      {
        sections: [
          [0x800000, 0x1000, 0x10],
          [0x900000, 0x1000, 0x10],
        ],
      },
    ],
    ["two pages of secrets", { sections: [[0x800000, 0x2000, 2]] }],
    ["two pages of CPUID values", { sections: [[0x800000, 0x2000, 3]] }],
    ["two pages of hashes", { sections: [[0x800000, 0x2000, 0x10]] }],
    ["sections that overlap", { sections: [one, [0x801000, 0x1000, 1]] }],
    ["more memory than is measured in a second", { sections: [[0, 0x10001000, 1]] }],
  ])("refuses %s", (_, fake) => {
    const bytes = fakeFirmware(fake);
    // An entry may point to the end of the image, where the metadata then begin.
    if (fake.header?.[1] === 28) bytes.set(numbers(...fake.header), bytes.length - 16);
    expect(codeOf(() => parse(parseFirmware("x", bytes)))).toBe("measure/firmware-metadata-invalid");
  });

  test("ends with sections of whole pages, or an error, whatever the bytes are", () => {
    const random = seededRandom(11);
    const codes = new Set<string>();
    for (let round = 0; round < 3000; round += 1) {
      const bytes = fakeFirmware();
      bytes[bytes.length - METADATA_DISTANCE + random(76)] = random(256);
      codes.add(
        codeOf(() => {
          for (const { address, sizeBytes } of parse(parseFirmware("x", bytes))) {
            expect([address / 4096, sizeBytes / 4096].every(Number.isInteger)).toBe(true);
            expect(sizeBytes).toBeGreaterThan(0);
          }
        }),
      );
    }
    expect([...codes].toSorted()).toEqual(["measure/firmware-metadata-invalid", "no error, returned undefined"]);
  });
});
