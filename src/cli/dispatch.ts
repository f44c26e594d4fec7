import { versionText } from "../commands/version-text.ts";
import { findCommand, flagsOf, type FoundCommand } from "../terminal/find-command.ts";
import { type ParsedArguments, parseFlags } from "../terminal/flag-grammar.ts";
import { UsageError } from "../terminal/usage-error.ts";
import type { Session } from "./session.ts";
import { terminalColumns } from "./terminal-columns.ts";

/**
 * Finds the command, reads its flags and runs it, or shows help or the version.
 *
 * @returns the exit status
 * @throws whatever the command throws
 */
export async function dispatch(session: Session): Promise<number> {
  const found = await findCommand(session.program, session.args);
  session.command = found.command;
  const parsed = parse(session, found);
  if (parsed.values.get("help") === true) return await showHelp(session, found);
  if (parsed.values.get("version") === true) return await showVersion(session, parsed);
  if (found.command.load === undefined) return await showHelp(session, found);
  const { runCommand } = await import("./run-command.ts");
  return await runCommand(session, found, parsed);
}

function parse({ program }: Session, found: FoundCommand): ParsedArguments {
  const { command, args, path } = found;
  if (command.rawArguments === true) return { values: new Map(), positionals: args };
  try {
    return parseFlags(flagsOf(program, command), args);
  } catch (error) {
    if (error instanceof UsageError) error.usageOf = path;
    throw error;
  }
}

async function showHelp(session: Session, found: FoundCommand): Promise<number> {
  const { renderHelp } = await import("../terminal/help-text.ts");
  session.out.write(renderHelp(session.program, found.path, terminalColumns()));
  return 0;
}

async function showVersion(session: Session, parsed: ParsedArguments): Promise<number> {
  if (parsed.values.get("format") === "json") {
    return await dispatch({ ...session, args: ["version", "--format", "json"] });
  }
  session.out.write(await versionText());
  return 0;
}
