import { describe, expect, test } from "bun:test";
import { parseGuidTable } from "../../../src/measure/guid-table.ts";
import { parseTdvfMetadata } from "../../../src/measure/tdx/tdvf-metadata.ts";
import { codeOf } from "../../fakes/error-code.ts";
import {
  FAKE_SECTIONS,
  type FakeTdvfSection,
  type FakeTdxFirmware,
  fakeTdxFirmware,
} from "../../fakes/tdx-firmware.ts";

function parse(fake: FakeTdxFirmware = {}): ReturnType<typeof parseTdvfMetadata> {
  const image = fakeTdxFirmware(fake);
  return parseTdvfMetadata(image, parseGuidTable(image));
}

/** The usual sections with some numbers of one of them changed. */
function changed(index: number, changes: Readonly<Record<number, number>>): readonly FakeTdvfSection[] {
  return FAKE_SECTIONS.map((section, at): FakeTdvfSection => {
    if (at !== index) return section;
    const [a, b, c, d, e, f] = section.map((value, field) => changes[field] ?? value);
    return [a!, b!, c!, d!, e!, f!];
  });
}

/** Sections of one page each, apart from each other. */
function pages(count: number): readonly FakeTdvfSection[] {
  return Array.from({ length: count }, (_, index): FakeTdvfSection => [0, 0, 0x1000000 + index * 0x1000, 0x1000, 3, 0]);
}

describe("parseTdvfMetadata()", () => {
  test("reads the sections in order, with what the image has for them", () => {
    const sections = parse();
    expect(sections.map(({ kind }) => kind)).toEqual([
      "code",
      "configuration",
      "temporary",
      "temporary",
      "hand-off",
      "temporary",
    ]);
    expect(sections.map(({ content }) => content.length)).toEqual([0x6000, 0x84000, 0, 0, 0, 0]);
    expect(sections.map(({ extendsMrtd }) => extendsMrtd)).toEqual([true, false, false, false, false, false]);
  });

  test("takes 64 sections", () => {
    expect(parse({ sections: [...FAKE_SECTIONS, ...pages(58)] })).toHaveLength(64);
  });

  test("takes memory that is added while the guest runs", () => {
    const sections = parse({ sections: [...FAKE_SECTIONS, [0, 0, 0x900000, 0x1000, 4, 2]] });
    expect(sections.at(-1)?.kind).toBe("permanent");
  });

  test("takes configuration that is measured", () => {
    expect(parse({ sections: changed(1, { 5: 1 }) })[1]?.extendsMrtd).toBe(true);
  });

  test("refuses firmware without metadata", () => {
    expect(codeOf(() => parse({ hasMetadata: false }))).toBe("measure/firmware-not-tdx");
  });

  test.each<[string, FakeTdxFirmware]>([
    ["another signature", { header: [1, 16 + 32 * 6, 1, 6] }],
    ["another version", { header: [0x46564454, 16 + 32 * 6, 2, 6] }],
    ["another length", { header: [0x46564454, 16 + 32 * 5, 1, 6] }],
    ["too many sections", { sections: [...FAKE_SECTIONS, ...pages(59)] }],
    ["fewer sections than it says", { header: [0x46564454, 16 + 32 * 200, 1, 64] }],
    ["an unknown kind", { sections: changed(5, { 4: 9 }) }],
    ["an unknown attribute", { sections: changed(5, { 5: 4 }) }],
    ["an address between pages", { sections: changed(5, { 2: 0x800010 }) }],
    ["a size between pages", { sections: changed(5, { 3: 0x5010 }) }],
    ["an empty section", { sections: changed(5, { 3: 0 }) }],
    ["sections that overlap", { sections: changed(5, { 3: 0xa000 }) }],
    ["content outside of the image", { sections: changed(0, { 0: 0x89000 }) }],
    ["content that is longer than the section", { sections: changed(0, { 3: 0x5000 }) }],
    ["code without content", { sections: changed(0, { 1: 0 }) }],
    ["content of temporary memory", { sections: changed(5, { 1: 0x1000 }) }],
    ["temporary memory that is measured", { sections: changed(5, { 5: 1 }) }],
    ["temporary memory that is added later", { sections: changed(5, { 5: 2 }) }],
    ["permanent memory that is added before", { sections: changed(5, { 4: 4 }) }],
    ["sections behind the end of the image", { header: [0x46564454, 16 + 32 * 64, 1, 64], metadataDistance: 0x200 }],
    ["two pieces of code", { sections: changed(5, { 1: 0x1000, 4: 0 }) }],
    ["two configurations", { sections: changed(5, { 1: 0x1000, 4: 1 }) }],
    ["two hand-off lists", { sections: changed(5, { 4: 2 }) }],
    ["no hand-off list", { sections: changed(4, { 4: 3 }) }],
    ["an address above all memory", { sections: changed(5, { 2: 2 ** 53 }) }],
    ["more memory than is sensible", { sections: changed(5, { 2: 0x1000000, 3: 0x10000000 }) }],
  ])("refuses %s", (_, fake) => {
    expect(codeOf(() => parse(fake))).toBe("measure/firmware-metadata-invalid");
  });
});
