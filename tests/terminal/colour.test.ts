import { describe, expect, test } from "bun:test";
import { inRed, wantsColour } from "../../src/terminal/colour.ts";

describe("wantsColour()", () => {
  test.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: "1" }, true, false],
    [{ NO_COLOR: "" }, true, true],
    [{ NO_COLOR: "0", FORCE_COLOR: "1" }, true, false],
    [{ FORCE_COLOR: "1" }, false, true],
    [{ FORCE_COLOR: "0" }, true, false],
    [{ FORCE_COLOR: "false" }, true, false],
    [{ FORCE_COLOR: "" }, false, false],
    [{ TERM: "dumb" }, true, false],
    [{ TERM: "dumb", FORCE_COLOR: "3" }, false, true],
  ])("with %j on a terminal (%p) is %p", (env, isTerminal, expected) => {
    expect(wantsColour(env, () => isTerminal)).toBe(expected);
  });
});

describe("inRed()", () => {
  test("ends the colour behind the text", () => {
    expect(inRed("Error:")).toBe("\u001b[1;31mError:\u001b[0m");
  });
});
