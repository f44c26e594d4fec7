import { describe, expect, test } from "bun:test";
import { parseJson } from "../../src/lib/json.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseJson()", () => {
  test("reads a document", () => {
    expect(parseJson('{"a":[1,null,"\\"]"]}', "settings")).toEqual({ a: [1, null, '"]'] });
  });

  test.each(["", "{", "{} x", "{'a':1}", "[1,]", "nul"])("rejects %p", (text) => {
    expect(codeOf(() => parseJson(text, "settings"))).toBe("lib/json-invalid");
  });

  test("rejects nesting beyond the limit, and only beyond it", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(codeOf(() => parseJson(nested(65), "settings"))).toBe("lib/json-invalid");
    expect(parseJson(nested(64), "settings")).toBeArray();
    expect(codeOf(() => parseJson("[".repeat(1_000_000), "settings"))).toBe("lib/json-invalid");
  });

  test("does not count brackets inside strings", () => {
    expect(parseJson(JSON.stringify("[".repeat(1000)), "settings")).toHaveLength(1000);
  });

  test("rejects a document that is too large", () => {
    expect(codeOf(() => parseJson("[1,2,3]", "settings", { maxBytes: 6, maxDepth: 9 }))).toBe("lib/json-invalid");
  });
});
