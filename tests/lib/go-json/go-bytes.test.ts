import { describe, expect, test } from "bun:test";
import { goBytes } from "../../../src/lib/go-json/go-bytes.ts";
import type { JsonNode } from "../../../src/lib/go-json/go-json-node.ts";
import { Problems } from "../../../src/lib/problems.ts";

function decode(node: JsonNode): { readonly hex: string; readonly codes: readonly string[] } {
  const problems = new Problems();
  const value = goBytes.decode(node, Uint8Array.of(1), "p", problems);
  return { hex: Buffer.from(value).toString("hex"), codes: problems.errors.map(({ code }) => code) };
}

describe("goBytes", () => {
  test("reads and writes standard base64", () => {
    expect(goBytes.encode(Uint8Array.of(255, 254))).toEqual({ kind: "string", value: "//4=" });
    expect(decode({ kind: "string", value: "//4=" })).toEqual({ hex: "fffe", codes: [] });
    expect(goBytes.isEmpty(goBytes.zero)).toBe(true);
  });

  test("is empty for null", () => {
    expect(decode({ kind: "null" })).toEqual({ hex: "", codes: [] });
  });

  test.each<JsonNode>([
    { kind: "string", value: "//4" },
    { kind: "string", value: "__4=" },
    { kind: "number", literal: "1" },
  ])("refuses %p and keeps what was there", (node) => {
    expect(decode(node)).toEqual({ hex: "01", codes: ["lib/json-wrong-type"] });
  });
});
