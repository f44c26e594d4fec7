import { describe, expect, test } from "bun:test";
import { checkCall } from "../../src/terminal/check-call.ts";
import { findCommand, flagsOf } from "../../src/terminal/find-command.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { codeOf } from "../fakes/error-code.ts";
import { SAMPLE } from "./sample-program.ts";

function check(...args: readonly string[]): void {
  const { path, command, args: words } = findCommand(SAMPLE, args);
  const definitions = flagsOf(SAMPLE, command);
  const { values, positionals } = parseFlags(definitions, words);
  checkCall(path, command, createParsedFlags(definitions, values, ""), positionals);
}

describe("checkCall()", () => {
  test.each([[["make", "--kind", "big"]], [["make", "--kind=", "-k", "x"]], [["shell", "a"]], [["help", "make", "x"]]])(
    "accepts %j",
    (args) => {
      expect(() => check(...args)).not.toThrow();
    },
  );

  test.each([
    [["make"], "terminal/required-flag"],
    [["make", "--kind", "big", "-k", "x", "-n"], "terminal/exclusive-flags"],
    [["make", "--kind", "big", "-k", "x", "-n=false"], "terminal/exclusive-flags"],
    [["shell"], "terminal/argument-count"],
    [["shell", "a", "b"], "terminal/argument-count"],
    [["group", "inner", "x"], "terminal/argument-count"],
    [["shell", "c"], "terminal/invalid-argument"],
  ])("rejects %j with %s", (args, code) => {
    expect(codeOf(() => check(...args))).toBe(code);
  });

  test("uses the original's words, so that scripts find them", () => {
    expect(() => check("make")).toThrow('required flag(s) "kind" not set');
    expect(() => check("make", "--kind", "big", "-nk", "x")).toThrow(
      "if any flags in the group [key no-keys] are set none of the others can be; [key no-keys] were all set",
    );
  });

  test("says what a missing flag takes, and where to read more", () => {
    const hint = '--kind takes one of big, bigger. See "tool make --help".';
    expect(() => check("make")).toThrow(expect.objectContaining({ hint }));
  });

  test("does not count a default as a flag that was set", () => {
    expect(() => check("make", "--kind", "big", "-n")).not.toThrow();
  });
});
