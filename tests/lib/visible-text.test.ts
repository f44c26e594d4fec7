import { describe, expect, test } from "bun:test";
import { visibleText } from "../../src/lib/visible-text.ts";

describe("visibleText()", () => {
  test.each([
    ["\u001b[2Jgone", "\\u001b[2Jgone"],
    ["a\rb", "a\\u000db"],
    ["bell\u0007", "bell\\u0007"],
    ["\u007f\u0085\u009b31m", "\\u007f\\u0085\\u009b31m"],
    ["user\u202egnp.exe\u2066", "user\\u202egnp.exe\\u2066"],
    ["one\u2028two\u2029three\u061c", "one\\u2028two\\u2029three\\u061c"],
    ["PA\u200bTH\u2060\ufeff\u00ad", "PA\\u200bTH\\u2060\\ufeff\\u00ad"],
    ["tag\u{e0041}\u3164", "tag\\udb40\\udc41\\u3164"],
    ["half\ud800", "half\\ud800"],
    ["A\ufe0f", "A\\ufe0f"],
    ["✔️ Grüße\tund\nZeilen 日本", "✔️ Grüße\tund\nZeilen 日本"],
  ])("shows %j as %j", (text, expected) => {
    expect(visibleText(text)).toBe(expected);
  });

  test("keeps JSON text the same value", () => {
    const value = { name: "\u0085\u202e\u001b" };
    expect(JSON.parse(visibleText(JSON.stringify(value)))).toEqual(value);
  });
});
