import { describe, expect, test } from "bun:test";
import type { Codec } from "../../../src/lib/go-json/go-json-codec.ts";
import {
  goArray,
  goBool,
  goMap,
  goOptional,
  goPointer,
  goSlice,
  goString,
  goTruncatedByte,
  goUint,
} from "../../../src/lib/go-json/go-json-codec.ts";
import { parseJsonNode } from "../../../src/lib/go-json/go-json-node.ts";
import { renderGoJson } from "../../../src/lib/go-json/go-json-render.ts";
import { field, goStruct, omitEmptyField } from "../../../src/lib/go-json/go-json-struct.ts";
import { Problems } from "../../../src/lib/problems.ts";

/** Decodes into a current value; the result, or the codes of the errors. */
function decode<T>(codec: Codec<T>, text: string, current = codec.zero): unknown {
  const problems = new Problems();
  const value = codec.decode(parseJsonNode(text, "text"), current, "x", problems);
  return problems.errors.length === 0 ? value : problems.errors.map(({ code, path }) => `${code} ${path}`);
}

const WRONG = ["lib/json-wrong-type x"];
const RANGE = ["lib/json-out-of-range x"];

describe("Codec.decode()", () => {
  test.each<[string, Codec<never>, string, unknown]>([
    ["string", goString as never, "1", WRONG],
    ["bool", goBool as never, '"true"', WRONG],
    ["uint", goUint(16) as never, '"1"', WRONG],
    ["byte", goTruncatedByte as never, "true", WRONG],
    ["slice", goSlice(goString) as never, "{}", WRONG],
    ["array", goArray(goString, 2) as never, '"x"', WRONG],
    ["map", goMap(goString) as never, "[]", WRONG],
    ["struct", goStruct({ a: field("A", goString) }) as never, "[]", WRONG],
    ["pointer", goPointer(goString) as never, "[]", WRONG],
    ["optional", goOptional(goString) as never, "[]", WRONG],
    ["uint", goUint(16) as never, "65535", 65_535],
    ["uint", goUint(16) as never, "65536", RANGE],
    ["uint", goUint(8) as never, "256", RANGE],
    ["uint", goUint(8) as never, "1e1", RANGE],
    ["uint", goUint(8) as never, "-1", RANGE],
    ["byte", goTruncatedByte as never, "254.99", 254],
    ["byte", goTruncatedByte as never, "255.01", RANGE],
    ["array", goArray(goString, 2) as never, '["a"]', ["a", ""]],
    ["array", goArray(goString, 2) as never, '["a","b",3]', ["a", "b"]],
  ])("gives what Go gives for a %s", (_name, codec, text, wanted) => {
    expect(decode(codec, text)).toEqual(wanted);
  });

  test("leaves plain values as they are for null, and clears pointers, slices and maps", () => {
    expect(decode(goString, "null", "kept")).toBe("kept");
    expect(decode(goBool, "null", true)).toBe(true);
    expect(decode(goUint(8), "null", 7)).toBe(7);
    expect(decode(goTruncatedByte, "null", 7)).toBe(7);
    expect(decode(goArray(goString, 1), "null", ["kept"])).toEqual(["kept"]);
    expect(decode(goPointer(goString), "null", "gone")).toBeNull();
    expect(decode(goOptional(goString), "null", "gone")).toBeUndefined();
    expect(decode(goSlice(goString), "null", ["gone"])).toBeNull();
    expect(decode(goMap(goString), "null", new Map([["gone", ""]]))).toEqual(new Map());
    const struct = goStruct({ a: field("A", goString) });
    expect(decode(struct, "null", { ...struct.zero, a: "kept" })).toMatchObject({ a: "kept" });
  });

  test("decodes a struct that comes twice into the same variable", () => {
    const inner = goStruct({ a: field("A", goString), b: field("B", goString) });
    const outer = goStruct({ inner: field("Inner", inner), list: field("List", goSlice(inner)) });
    const text = '{"Inner":{"A":"1","B":"2"},"List":[{"A":"1"},{}],"inner":{"A":"3"},"LIST":[{"B":"4"}]}';
    expect(decode(outer, text)).toMatchObject({ inner: { a: "3", b: "2" }, list: [{ a: "1", b: "4" }] });
  });

  test("starts each member of a map from zero", () => {
    const map = goMap(goStruct({ a: field("A", goString), b: field("B", goString) }));
    expect(decode(map, '{"k":{"A":"1"},"k":{"B":"2"}}')).toMatchObject(new Map([["k", { a: "", b: "2" }]]));
  });

  test("prefers no name over another: the last member of a field wins, whatever its letter case", () => {
    const struct = goStruct({ key: field("Key", goString) });
    expect(decode(struct, '{"Key":"1","KEY":"2"}')).toMatchObject({ key: "2" });
    expect(decode(struct, '{"KEY":"1","Key":"2"}')).toMatchObject({ key: "2" });
    expect(decode(struct, '{"\u212aey":"kelvin"}')).toMatchObject({ key: "kelvin" });
    expect(decode(struct, '{"Kéy":"other"}')).toMatchObject({ key: "" });
  });
});

describe("Codec.encode()", () => {
  test("leaves out empty members that may be, and writes all others", () => {
    const struct = goStruct({
      text: omitEmptyField("Text", goString),
      flag: omitEmptyField("Flag", goBool),
      count: omitEmptyField("Count", goUint(8)),
      byte: omitEmptyField("Byte", goTruncatedByte),
      pointer: omitEmptyField("Pointer", goPointer(goString)),
      optional: omitEmptyField("Optional", goOptional(goString)),
      slice: omitEmptyField("Slice", goSlice(goString)),
      map: omitEmptyField("Map", goMap(goString)),
      array: omitEmptyField("Array", goArray(goString, 0)),
    });
    expect(renderGoJson(struct.encode(struct.zero))).toBe('{\n  "Array": []\n}');
    const full = {
      ...struct.zero,
      text: "a",
      flag: true,
      count: 1,
      byte: 1,
      pointer: "",
      optional: "",
      slice: [""],
      map: new Map([["k", "v"]]),
    };
    expect(Object.keys(JSON.parse(renderGoJson(struct.encode(full))))).toHaveLength(9);
  });
});
