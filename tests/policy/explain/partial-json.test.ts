import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Json } from "../../../src/lib/json.ts";
import { jsonAt, knowledgeOf } from "../../../src/policy/explain/known-part.ts";
import { parsePartialJson } from "../../../src/policy/explain/partial-json.ts";

/** Ways to all values of a JSON value, itself included. */
function pathsOf(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, member]) =>
    pathsOf(member as Json, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

const tree = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
  ),
})).value;

const objects = fc.dictionary(fc.string({ minLength: 1 }), tree, { minKeys: 1, maxKeys: 5 });

describe("parsePartialJson()", () => {
  test("reads whole values as JSON.parse() does", () => {
    fc.assert(
      fc.property(objects, fc.constantFrom("", " ", "  "), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parsePartialJson(`${text} behind`, 0)).toEqual({
          value: JSON.parse(text),
          cut: undefined,
          end: text.length,
        });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("never says of a cut text that it knows what the whole one has otherwise", () => {
    fc.assert(
      fc.property(objects, fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        const whole = JSON.parse(text) as Json;
        const { value: part, cut } = parsePartialJson(text.slice(0, 1 + (at % (text.length - 1))), 0);
        expect(cut).toBeDefined();
        for (const path of pathsOf(whole)) {
          if (knowledgeOf(part, cut, path) === "whole") expect(jsonAt(part, path)).toEqual(jsonAt(whole, path)!);
        }
        for (const path of pathsOf(part)) expect(jsonAt(whole, path)).toBeDefined();
      }),
      { seed: 2, numRuns: 400 },
    );
  });

  test.each<[string, string, Json, readonly (string | number)[] | undefined]>([
    ["a text that is cut", '{"a":"b', {}, ["a"]],
    ["a number at the end", '{"a":12', {}, ["a"]],
    ["a word at the end", '{"a":true', {}, ["a"]],
    ["a cut key", '{"a":1,"b', { a: 1 }, []],
    ["a key without a value", '{"a":1,"b":', { a: 1 }, ["b"]],
    ["a list", '{"a":[1,{"b":2},3', { a: [1, { b: 2 }] }, ["a", 2]],
    ["other text instead of a comma", '{"a":[1 ... 3]}', { a: [1] }, ["a"]],
    ["other text instead of a value", '{"a":{"b":1},"c":<cut>}', { a: { b: 1 } }, ["c"]],
    ["two commas", '{"a":1,,"b":2}', { a: 1 }, []],
    ["a number that JSON does not have", '{"a":01}', {}, ["a"]],
    ["a half escape", '{"a":"b\\u00', {}, ["a"]],
    ["a backslash at the end", '{"a":"b\\', {}, ["a"]],
  ])("stops at %s", (_what, text, value, cut) => {
    expect(parsePartialJson(text, 0)).toMatchObject({ value, cut });
  });

  test.each([
    ["a line break", '{"a":"pa\nth"}'],
    ["a line break with indentation", '{"a":"pa\n      th"}'],
    ["a comment sign", '{"a":"pa\r\n#  th"}'],
    ["an escape of Rust", String.raw`{"a":"p\u{61}th"}`],
    ["an escape of JSON", String.raw`{"a":"p\u0061th"}`],
  ])("reads a text in which something put %s", (_what, text) => {
    expect(parsePartialJson(text, 0)).toMatchObject({ value: { a: "path" }, cut: undefined });
  });

  test("keeps members with special names as members", () => {
    const { value } = parsePartialJson('{"__proto__":{"a":1}}', 0);
    expect(Object.keys(value as object)).toEqual(["__proto__"]);
  });

  test("is not overwhelmed by depth", () => {
    const { value, cut } = parsePartialJson('{"a":'.repeat(100_000), 0);
    expect(cut).toHaveLength(64);
    expect(JSON.stringify(value).length).toBeLessThan(1000);
  });
});
