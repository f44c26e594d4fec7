import { describe, expect, test } from "bun:test";
import { wrapText } from "../../src/terminal/wrap-text.ts";

describe("wrapText()", () => {
  test.each([
    ["one two three", 7, ["one two", "three"]],
    ["one", 1, ["one"]],
    ["a  b\nc", 80, ["a b c"]],
    ["", 10, []],
  ])("breaks %j at %d", (text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines);
  });
});
