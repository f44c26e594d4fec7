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
 * @param args words of the command line, also where they cannot be understood
 */
export function exitStatusOf(
  error: unknown,
  format: OutputFormat,
  command?: CommandDefinition,
  args: readonly string[] = [],
): number {
  const { troubleStatus, troubleFlag } = command ?? {};
  if (troubleStatus !== undefined && (troubleFlag === undefined || isAsked(troubleFlag, args))) return troubleStatus;
  return format === "json" ? EXIT_STATUS[errorClassOf(error)] : 1;
}

/** Whether the words switch a boolean flag on. */
function isAsked(flag: string, args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  const last = words.findLast((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  return last !== undefined && !/=(?:false|f|0)$/i.test(last);
}
