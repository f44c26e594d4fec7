import { ContrastError } from "../lib/errors.ts";
import { checkCall } from "../terminal/check-call.ts";
import type { Program } from "../terminal/command-definition.ts";
import { flagsOf, type FoundCommand } from "../terminal/find-command.ts";
import { invalidArgument, type ParsedArguments } from "../terminal/flag-grammar.ts";
import type { OutputFormat } from "../terminal/io.ts";
import { parseLogLevel } from "../terminal/log-level.ts";
import { createParsedFlags } from "../terminal/parsed-flags.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { watchForCrashes } from "./crash.ts";
import { createProcessIo, createProcessProgress } from "./process-io.ts";
import type { Session } from "./session.ts";
import { watchSignals } from "./signals.ts";

/**
 * Runs one command with everything around it: checked flags, logging, progress, signals.
 *
 * @returns the exit status where nothing went wrong
 * @throws UsageError, or whatever the command throws; after Ctrl-C always ContrastError `lib/interrupted`
 */
export async function runCommand(session: Session, found: FoundCommand, parsed: ParsedArguments): Promise<number> {
  const { program } = session;
  const { command, path } = found;
  const definitions = flagsOf(program, command);
  const workspaceDir = parsed.values.get("workspace-dir");
  const flags = createParsedFlags(definitions, parsed.values, typeof workspaceDir === "string" ? workspaceDir : "");
  const format = parseFormat(flags.string("format"), found, program);
  if (command.rawArguments !== true) checkCall(path, command, flags, parsed.positionals);
  const logLevel = flags.isSet("log-level") ? parseLogLevel(flags.string("log-level")) : undefined;

  const dataOnOutput = format === "json" || parsed.positionals.includes("-");
  const progress = createProcessProgress(session);
  const signals = watchSignals((text) => {
    progress.around(() => (dataOnOutput ? session.err : session.out).write(text));
  });
  const crashes = watchForCrashes(session, format);
  const io = createProcessIo(session, { format, logLevel, signal: signals.signal, progress });
  try {
    const implementation = await command.load?.();
    return (await implementation?.run({ flags, positionals: parsed.positionals, program }, io)) ?? 0;
  } catch (error) {
    if (!signals.signal.aborted) throw error;
    throw new ContrastError("lib/interrupted", "interrupted");
  } finally {
    progress.close();
    signals.stop();
    crashes.stop();
  }
}

function parseFormat(text: string, found: FoundCommand, program: Program): OutputFormat {
  if (text === "text" || text === "json") return text;
  const flag = program.globalFlags.find((candidate) => candidate.name === "format");
  if (flag === undefined) throw new ContrastError("lib/internal", 'Cannot read flag "format": not defined');
  const error = invalidArgument(flag, text, "want text or json");
  if (error instanceof UsageError) error.usageOf = found.path;
  throw error;
}
