import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { JsonNode } from "../../../src/lib/go-json/go-json-node.ts";
import { parseJsonNode } from "../../../src/lib/go-json/go-json-node.ts";
import { renderGoJson } from "../../../src/lib/go-json/go-json-render.ts";
import { codeOf } from "../../fakes/error-code.ts";

const SEED = 4711;

describe("parseJsonNode()", () => {
  test("keeps duplicates, order and number literals", () => {
    expect(parseJsonNode(' {"b":1.50,"a":null,"b":true} ', "text")).toEqual({
      kind: "object",
      members: [
        ["b", { kind: "number", literal: "1.50" }],
        ["a", { kind: "null" }],
        ["b", { kind: "boolean", value: true }],
      ],
    });
  });

  test("decodes escapes and replaces lone surrogates", () => {
    const node = parseJsonNode('"\\u0041\\ud83d\\ude00\\ud800x\\/\\n"', "text");
    expect(node).toEqual({ kind: "string", value: "A😀\ufffdx/\n" });
  });

  test.each([
    "",
    " ",
    "{",
    "[1,]",
    '{"a"}',
    '{"a":1,}',
    "{a:1}",
    "01",
    "1.",
    "-",
    "+1",
    ".5",
    "nul",
    "nulll",
    '"a',
    '"a\nb"',
    '"\\u12g4"',
    '"\\x"',
    "1 2",
    "\ufeff{}",
    "{}\u0000",
    "[1 2]",
  ])("rejects %j", (text) => {
    expect(codeOf(() => parseJsonNode(text, "text"))).toBe("lib/json-invalid");
  });

  test("agrees with JSON.parse on what is JSON", () => {
    const json = fc.oneof(fc.json(), fc.string({ unit: fc.constantFrom(...'{}[]",:0.e-\\un '.split("")) }));
    fc.assert(
      fc.property(json, (text) => {
        const wanted = accepts(() => JSON.parse(text));
        expect(accepts(() => parseJsonNode(text, "text"))).toBe(wanted);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test("rejects a document cut at any place", () => {
    const text = '{"a":[1,-2.5e+3,"x\\u00e9\\"",true,false,null,{}],"b":{"c":[]}}';
    for (let end = 0; end < text.length; end++) {
      expect(codeOf(() => parseJsonNode(text.slice(0, end), "text"))).toBe("lib/json-invalid");
    }
  });

  test("bounds length, depth and number of values", () => {
    const limits = { maxCharacters: 20, maxDepth: 2, maxNodes: 4 };
    expect(parseJsonNode("[[[]],1]", "text", limits).kind).toBe("array");
    expect(codeOf(() => parseJsonNode("[[[[]]]]", "text", limits))).toBe("lib/json-invalid");
    expect(codeOf(() => parseJsonNode("[1,2,3,4]", "text", limits))).toBe("lib/json-invalid");
    expect(codeOf(() => parseJsonNode(" ".repeat(20) + "1", "text", limits))).toBe("lib/json-invalid");
    expect(codeOf(() => parseJsonNode("[".repeat(1_000_000), "text"))).toBe("lib/json-invalid");
  });
});

describe("renderGoJson()", () => {
  test("indents by two spaces and keeps empty containers short", () => {
    const node = parseJsonNode('{"a":[],"b":{},"c":[1,{"d":null}]}', "text");
    expect(renderGoJson(node)).toBe(
      ["{", '  "a": [],', '  "b": {},', '  "c": [', "    1,", "    {", '      "d": null', "    }", "  ]", "}"].join(
        "\n",
      ),
    );
  });

  test("escapes what Go escapes for HTML and nothing else outside ASCII", () => {
    const node: JsonNode = { kind: "string", value: '<a&b>\u2028\u2029\u0001\b\f\n\r\t"\\\u007fé😀' };
    expect(renderGoJson(node)).toBe('"\\u003ca\\u0026b\\u003e\\u2028\\u2029\\u0001\\b\\f\\n\\r\\t\\"\\\\\u007fé😀"');
  });

  test("gives text that reads back as the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const node = parseJsonNode(JSON.stringify(value), "text");
        expect(JSON.parse(renderGoJson(node))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: SEED },
    );
  });
});

function accepts(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}
