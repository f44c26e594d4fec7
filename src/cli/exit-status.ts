import { ERROR_CODES, type ErrorClass } from "../lib/error-codes.ts";
import { ContrastError } from "../lib/errors.ts";
import type { CommandDefinition } from "../terminal/command-definition.ts";
import type { OutputFormat } from "../terminal/io.ts";
import { EXIT_STATUS } from "./exit-status-table.ts";

/** The class of anything thrown; what is not a `ContrastError` is a defect of the program. */
export function errorClassOf(error: unknown): ErrorClass {
  return error instanceof ContrastError ? ERROR_CODES[error.code].class : "internal";
}

/**
 * The exit status after an error: 1 in the default mode, as scripts for the original expect.
 *
 * @param command one with a `troubleStatus` of its own ends with that, whatever the format
 */
export function exitStatusOf(error: unknown, format: OutputFormat, command?: CommandDefinition): number {
  if (command?.troubleStatus !== undefined) return command.troubleStatus;
  return format === "json" ? EXIT_STATUS[errorClassOf(error)] : 1;
}
