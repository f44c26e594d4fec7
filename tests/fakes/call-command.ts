import { PROGRAM } from "../../src/cli/root-definition.ts";
import { checkCall } from "../../src/terminal/check-call.ts";
import { findCommand, flagsOf } from "../../src/terminal/find-command.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import type { Io } from "../../src/terminal/io.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";

/** Runs a command in this process as the program would, from the words of a command line. */
export async function callCommand(words: readonly string[], io: Io): Promise<void> {
  const { path, command, args } = await findCommand(PROGRAM, words);
  const { values, positionals } = parseFlags(flagsOf(PROGRAM, command), args);
  const workspaceDir = values.get("workspace-dir");
  const flags = createParsedFlags(
    flagsOf(PROGRAM, command),
    values,
    typeof workspaceDir === "string" ? workspaceDir : "",
  );
  checkCall(path, command, flags, positionals);
  const implementation = await command.load?.();
  await implementation?.run({ flags, positionals, program: PROGRAM }, io);
}
