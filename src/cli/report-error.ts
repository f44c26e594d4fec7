import { VERSION } from "../lib/build-info.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import { inRed, wantsColour } from "../terminal/colour.ts";
import { commandName } from "../terminal/find-command.ts";
import { renderUsage, visibleCommands } from "../terminal/help-text.ts";
import type { OutputFormat } from "../terminal/io.ts";
import { similarNames } from "../terminal/similar-names.ts";
import { UsageError } from "../terminal/usage-error.ts";
import { errorChainOf } from "./error-chain.ts";
import { defectLine, renderErrorText, renderInternalError } from "./error-text.ts";
import { exitStatusOf } from "./exit-status.ts";
import { explainedCode } from "./explained-code.ts";
import { isTerminal } from "./is-terminal.ts";
import type { Session } from "./session.ts";
import { terminalColumns } from "./terminal-columns.ts";

/**
 * Tells the user about an error: people read standard error, programs read one JSON object on standard output. Where
 * a command has printed its own JSON object before it failed, that object stays the only one. What only some errors
 * need is loaded for these, because most runs that fail are short.
 *
 * @returns the exit status
 */
export async function reportError(error: unknown, session: Session, format: OutputFormat): Promise<number> {
  const chain = errorChainOf(error);
  if (format === "json") {
    const [{ renderErrorJson }, { errorClassOf }] = await Promise.all([
      import("./error-json.ts"),
      import("./error-class.ts"),
    ]);
    if (!session.out.used) session.out.write(`${renderErrorJson(chain, errorClassOf(error))}\n`);
  } else if (error instanceof UsageError && error.usageOf !== undefined) {
    session.out.write(renderUsage(session.program, error.usageOf, terminalColumns()));
  }
  const prefix = errorPrefix();
  if (error instanceof ContrastError) {
    session.err.write(renderErrorText(chain, prefix, await explainedCode(chain)));
    if (error.code === "lib/internal") session.err.write(defectLine(VERSION));
  } else {
    session.err.write(renderInternalError(error, prefix, VERSION));
  }
  if (error instanceof UsageError) session.err.write(usageHint(error));
  return await exitStatusOf(error, format, session.command, session.args);
}

/** Tells that standard output did not take the result, which no exit status of the command may hide. */
export async function reportOutputFailure(failure: unknown, session: Session, format: OutputFormat): Promise<number> {
  const message = `Cannot write to standard output: ${messageOf(failure)}`;
  const error = new ContrastError("cli/output-failed", message);
  const chain = errorChainOf(error);
  session.err.write(renderErrorText(chain, errorPrefix(), await explainedCode(chain)));
  return await exitStatusOf(error, format, session.command, session.args);
}

function errorPrefix(): string {
  // The first question costs nothing and is false where neither stream is a terminal.
  const isColourful = (): boolean => Bun.enableANSIColors && isTerminal(2);
  return wantsColour(process.env, isColourful) ? inRed("Error:") : "Error:";
}

/** Where a command is unknown: names that look like it, and where to find all. */
function usageHint({ unknownIn }: UsageError): string {
  if (unknownIn === undefined) return "";
  const parent = unknownIn.path.at(-1);
  const names = parent === undefined ? [] : visibleCommands(parent).map((command) => command.name);
  const similar = similarNames(unknownIn.name, names);
  const offer = similar.length === 0 ? "" : `\nDid you mean this?\n${similar.map((name) => `  ${name}\n`).join("")}\n`;
  return `${offer}Run '${commandName(unknownIn.path)} --help' for usage.\n`;
}
