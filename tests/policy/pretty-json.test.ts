import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { renderPrettyJson } from "../../src/policy/pretty-json.ts";

describe("renderPrettyJson()", () => {
  test("prints what JSON.stringify prints with two spaces", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(renderPrettyJson(value)).toBe(JSON.stringify(value, null, 2));
      }),
      { seed: 20_250_601, numRuns: 500 },
    );
  });
  test("leaves non-ASCII text and slashes as they are", () => {
    expect(renderPrettyJson("ä/€/😀")).toBe('"ä/€/😀"');
    expect(renderPrettyJson('\n"\\\u0001')).toBe(String.raw`"\n\"\\\u0001"`);
  });
  test("keeps the order of a map, also for keys that look like numbers", () => {
    const map = new Map([
      ["10", "a"],
      ["9", "b"],
    ]);
    expect(renderPrettyJson(map)).toBe('{\n  "10": "a",\n  "9": "b"\n}');
  });
  test("leaves out undefined members", () => {
    expect(renderPrettyJson({ a: undefined, b: [] })).toBe('{\n  "b": []\n}');
  });
  test("prints a frozen value alike at every depth", () => {
    const shared = Object.freeze(["x"]);
    expect(renderPrettyJson([shared, [shared], shared])).toBe(JSON.stringify([["x"], [["x"]], ["x"]], null, 2));
  });
});
