import type { CommandDefinition } from "../terminal/command-definition.ts";
import type { OutputFormat } from "../terminal/io.ts";
import { EXIT_STATUS } from "./exit-status-table.ts";

/**
 * The exit status after an error: 1 in the default mode, as scripts for the original expect.
 *
 * @param command one with a `troubleStatus` of its own ends with that, whatever the format
 * @param args words of the command line, also where they cannot be understood
 */
export async function exitStatusOf(
  error: unknown,
  format: OutputFormat,
  command?: CommandDefinition,
  args: readonly string[] = [],
): Promise<number> {
  const { troubleStatus, troubleFlag } = command ?? {};
  if (troubleStatus !== undefined && (troubleFlag === undefined || isAsked(troubleFlag, args))) return troubleStatus;
  if (format !== "json") return 1;
  const { errorClassOf } = await import("./error-class.ts");
  return EXIT_STATUS[errorClassOf(error)];
}

/** Whether the words switch a boolean flag on. */
function isAsked(flag: string, args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  const last = words.findLast((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  return last !== undefined && !/=(?:false|f|0)$/i.test(last);
}
