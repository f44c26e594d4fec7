import { describe, expect, test } from "bun:test";
import { type SandboxPlace, sayUp } from "../../../src/commands/sandbox/up-text.ts";
import { createParsedFlags } from "../../../src/terminal/parsed-flags.ts";
import { PROGRAM } from "../../../src/cli/root-definition.ts";
import { findCommand, flagsOf } from "../../../src/terminal/find-command.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { plannedSandbox } from "../../fakes/sandbox.ts";

/** The first words of the commands that are to come next. */
async function nextOf(change: Partial<SandboxPlace>): Promise<readonly string[]> {
  const { directory, record } = await plannedSandbox();
  const { command } = await findCommand(PROGRAM, ["sandbox", "up"]);
  const flags = createParsedFlags(flagsOf(PROGRAM, command), new Map(), "");
  const place = {
    directory,
    paths: ["resources"],
    workspace: "",
    isIncomplete: false,
    hasPlaceholder: false,
    needsRecovery: false,
  };
  const io = recordIo({ format: "json" });
  sayUp(record, { ...place, ...change }, flags, io);
  const { next } = JSON.parse(io.printed[0] ?? "");
  return next.map((line: string) => line.split(/ (?:-c|[>]|manifest.json)/)[0]);
}

const REST = ["contrast verify", "contrast sandbox status", "contrast sandbox down"];

describe("sayUp()", () => {
  test.each([
    [{}, ["contrast set"]],
    [{ isIncomplete: true }, ["contrast manifest observe", "contrast set"]],
    [{ isIncomplete: true, hasPlaceholder: true }, ["contrast sandbox reference-values", "rm", "contrast set"]],
    [{ needsRecovery: true }, ["contrast recover"]],
  ])("names what comes next for %j", async (change, first) => {
    expect(await nextOf(change)).toEqual([...first, ...REST]);
  });
});
