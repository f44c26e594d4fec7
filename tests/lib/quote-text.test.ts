import { describe, expect, test } from "bun:test";
import { quoteText } from "../../src/lib/quote-text.ts";

describe("quoteText()", () => {
  test("keeps text on one line and cuts what is long", () => {
    expect(quoteText('a "b"\n')).toBe('"a \\"b\\"\\n"');
    expect(quoteText("x".repeat(80))).toBe(`"${"x".repeat(80)}"`);
    expect(quoteText("x".repeat(81))).toBe(`"${"x".repeat(80)}…"`);
    expect(quoteText("abc", 2)).toBe('"ab…"');
  });
});
