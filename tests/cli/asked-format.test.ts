import { describe, expect, test } from "bun:test";
import { askedFormat } from "../../src/cli/asked-format.ts";

describe("askedFormat()", () => {
  test.each([
    [["--format", "json"], "json"],
    [["generate", "--unknown", "--format=json"], "json"],
    [["--format=json", "--format", "text"], "text"],
    [["--format"], "text"],
    [["--", "--format=json"], "text"],
    [["json"], "text"],
    [["--format=xml"], "text"],
    [[], "text"],
  ] as const)("of %j is %s", (args, format) => {
    expect(askedFormat(args)).toBe(format);
  });
});
