import { describe, expect, test } from "bun:test";
import { parseToml } from "../../src/lib/toml.ts";
import { codeOf } from "../fakes/error-code.ts";

const parse = (text: string) => parseToml(text, "document", 1_000_000);

describe("parseToml()", () => {
  test("reads tables and every kind of text", () => {
    const text = `a = '''\n'x'\n'''\nb = "\\u0041\\n"\n[t."k.1"]\n__proto__ = "p"\n`;
    const value = parse(text) as Record<string, unknown>;
    expect(value["a"]).toBe("'x'\n");
    expect(value["b"]).toBe("A\n");
    expect(Object.entries((value["t"] as Record<string, object>)["k.1"]!)).toEqual([["__proto__", "p"]]);
  });

  test.each([
    "a = 1\na = 2\n",
    "[a]\n[a]\n",
    "a = '''x",
    "a = 'x\u0001'\n",
    "a = '''x\ry'''\n",
    "a = 1 b = 2\n",
    "a = 1 garbage\n",
    "a\n",
    'a = "\\q"\n',
    'a = "\\ud800"\n',
    "a = 01\n",
    `a = ${"[".repeat(100_000)}`,
    `${"a.".repeat(100_000)}b = 1`,
    `a = ${"{a=".repeat(100_000)}`,
  ])("refuses %#: a text that is no TOML", (text) => {
    expect(codeOf(() => parse(text))).toBe("lib/toml-invalid");
  });

  test("refuses a text beyond its limit", () => {
    expect(codeOf(() => parseToml("a = 1 # long", "document", 11))).toBe("lib/toml-invalid");
  });
});
