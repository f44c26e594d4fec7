import { describe, expect, test } from "bun:test";
import { similarNames } from "../../src/terminal/similar-names.ts";

const NAMES = ["generate", "completion", "help", "version"];

describe("similarNames()", () => {
  test.each([
    ["genrate", ["generate"]],
    ["gen", ["generate"]],
    ["GENERATE", ["generate"]],
    ["hepl", ["help"]],
    ["", []],
    ["something-else", []],
  ])("of %j are %j", (typed, expected) => {
    expect(similarNames(typed, NAMES)).toEqual(expected);
  });

  test("puts the nearest first", () => {
    expect(similarNames("sat", ["seat", "sat", "state"])).toEqual(["sat", "seat", "state"]);
  });

  test("takes a word of any length", () => {
    expect(similarNames("x".repeat(1_000_000), NAMES)).toEqual([]);
  });
});
