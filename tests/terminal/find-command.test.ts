import { describe, expect, test } from "bun:test";
import { commandName, findCommand } from "../../src/terminal/find-command.ts";
import { codeOf } from "../fakes/error-code.ts";
import { SAMPLE } from "./sample-program.ts";

function find(...args: readonly string[]): unknown {
  const found = findCommand(SAMPLE, args);
  return [commandName(found.path), ...found.args];
}

describe("findCommand()", () => {
  test.each([
    [[], ["tool"]],
    [
      ["make", "x"],
      ["tool make", "x"],
    ],
    [
      ["--log-level", "debug", "make", "x"],
      ["tool make", "--log-level", "debug", "x"],
    ],
    [
      ["--log-level=debug", "make"],
      ["tool make", "--log-level=debug"],
    ],
    [
      ["-h", "make"],
      ["tool make", "-h"],
    ],
    [
      ["group", "-h", "inner", "-h"],
      ["tool group inner", "-h", "-h"],
    ],
    [["--version"], ["tool", "--version"]],
    [
      ["--unknown", "make"],
      ["tool", "--unknown", "make"],
    ],
    [
      ["--", "make"],
      ["tool", "--", "make"],
    ],
    [
      ["__raw", "make", "-x", ""],
      ["tool __raw", "make", "-x", ""],
    ],
  ])("of %j is %j", (args, expected) => {
    expect(find(...args)).toEqual(expected);
  });

  test.each([[["mak"]], [["Make"]], [["group", "make"]], [["-"]], [["-h", "mak"]]])("rejects %j", (args) => {
    expect(codeOf(() => find(...args))).toBe("terminal/unknown-command");
  });

  test("names the command under which nothing was found", () => {
    expect(() => find("group", "x")).toThrow('unknown command "x" for "tool group"');
  });
});
