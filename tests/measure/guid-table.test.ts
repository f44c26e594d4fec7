import { describe, expect, test } from "bun:test";
import { findEntry, parseGuidTable } from "../../src/measure/guid-table.ts";
import { parseFirmware } from "../../src/measure/read-firmware.ts";
import { codeOf } from "../fakes/error-code.ts";
import { type FakeFirmware, fakeFirmware, fakeImage, GUID, numbers, usualEntries } from "../fakes/firmware-image.ts";
import { seededRandom } from "../fakes/mutations.ts";

const RESET_BLOCK = "00f771de-1a7e-4fcb-890e-68c77e2fb44e";

describe("parseGuidTable()", () => {
  test("gives the entries from the end of the image on", () => {
    const image = fakeImage();
    const table = parseGuidTable(image);
    expect(table.map(({ guid }) => guid)).toEqual([
      RESET_BLOCK,
      "7255371f-3a3b-4b04-927b-1da6efa8d454",
      "dc886566-984a-4798-a75e-5585a7bf67cc",
    ]);
    const entry = findEntry(table, RESET_BLOCK)!;
    expect(entry.data).toEqual(numbers(0x80b004));
    expect(image.bytes.subarray(entry.offset, entry.offset + 4)).toEqual(numbers(0x80b004));
  });

  test("takes a table without entries, and entries without data", () => {
    expect(parseGuidTable(fakeImage({ entries: [] }))).toEqual([]);
    expect(parseGuidTable(fakeImage({ entries: [{ guid: GUID.resetBlock, data: new Uint8Array() }] }))).toHaveLength(1);
  });

  test("refuses an image without the footer", () => {
    const bytes = fakeFirmware();
    bytes[bytes.length - 33]! ^= 1;
    expect(codeOf(() => parseGuidTable(parseFirmware("x", bytes)))).toBe("measure/firmware-table-missing");
  });

  const [first, second] = usualEntries();
  test.each<[string, FakeFirmware]>([
    ["a table shorter than its footer", { tableBytes: 17 }],
    ["a table longer than the image", { tableBytes: 0xffff }],
    ["an entry shorter than its own end", { entries: [first!, { ...second!, length: 17 }] }],
    ["an entry of no length", { entries: [{ ...first!, length: 0 }] }],
    ["an entry longer than the table", { entries: [{ ...first!, length: 23 }] }],
    ["bytes in front of the first entry", { tableBytes: 18 + 22 + 26 + 22 + 3 }],
    [
      "bytes in front of it at the beginning of the image",
      { tableBytes: 8160, entries: [{ ...first!, data: new Uint8Array(8119) }] },
    ],
    [
      "an entry that begins inside of the one in front of it",
      {
        tableBytes: 18 + 17 + 18,
        entries: [{ ...first!, length: 17, data: Uint8Array.of(18, ...new Uint8Array(16)) }],
      },
    ],
    ["the same GUID twice", { entries: [first!, first!] }],
  ])("refuses %s", (_, fake) => {
    expect(codeOf(() => parseGuidTable(fakeImage(fake)))).toBe("measure/firmware-table-invalid");
  });

  test("ends with entries inside of the image, or an error, whatever the bytes are", () => {
    const random = seededRandom(7);
    const codes = new Set<string>();
    for (let round = 0; round < 3000; round += 1) {
      const bytes = fakeFirmware();
      // The table lies in the last bytes; elsewhere a change would seldom hit it.
      for (let change = 0; change < 3; change += 1) bytes[bytes.length - 32 - 1 - random(110)] = random(256);
      const image = parseFirmware("x", bytes);
      codes.add(
        codeOf(() => {
          for (const { data, offset } of parseGuidTable(image)) {
            expect(bytes.subarray(offset, offset + data.length)).toEqual(data);
          }
        }),
      );
    }
    expect([...codes].toSorted()).toEqual([
      "measure/firmware-table-invalid",
      "measure/firmware-table-missing",
      "no error, returned undefined",
    ]);
  });
});
