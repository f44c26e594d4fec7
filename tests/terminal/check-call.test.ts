import { describe, expect, test } from "bun:test";
import { checkCall } from "../../src/terminal/check-call.ts";
import { findCommand, flagsOf } from "../../src/terminal/find-command.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { SAMPLE } from "./sample-program.ts";

async function check(...args: readonly string[]): Promise<void> {
  const { path, command, args: words } = await findCommand(SAMPLE, args);
  const definitions = flagsOf(SAMPLE, command);
  const { values, positionals } = parseFlags(definitions, words);
  checkCall(path, command, createParsedFlags(definitions, values, ""), positionals);
}

/** What a call is refused with. */
async function refusal(...args: readonly string[]): Promise<unknown> {
  return await check(...args).catch((thrown: unknown) => thrown);
}

describe("checkCall()", () => {
  test.each([[["make", "--kind", "big"]], [["make", "--kind=", "-k", "x"]], [["shell", "a"]], [["help", "make", "x"]]])(
    "accepts %j",
    async (args) => {
      await check(...args);
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
  ])("rejects %j with %s", async (args, code) => {
    expect(await codeOfAsync(async () => await check(...args))).toBe(code);
  });

  test("uses the original's words, so that scripts find them", async () => {
    expect(await refusal("make")).toMatchObject({ message: 'required flag(s) "kind" not set' });
    expect(await refusal("make", "--kind", "big", "-nk", "x")).toMatchObject({
      message: "if any flags in the group [key no-keys] are set none of the others can be; [key no-keys] were all set",
    });
  });

  test("says what a missing flag takes, and where to read more", async () => {
    const hint = '--kind takes one of big, bigger. See "tool make --help".';
    expect(await refusal("make")).toMatchObject({ hint });
  });

  test("does not count a default as a flag that was set", async () => {
    await check("make", "--kind", "big", "-n");
  });
});
