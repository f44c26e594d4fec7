import { REQUEST_MEBIBYTES } from "../proto/message-limits.ts";
import type { FlagDefinition } from "../terminal/command-definition.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** Variable of a Coordinator's environment that says the same as its flag. */
export const MAX_REQUEST_VARIABLE = "CONTRAST_MAX_REQUEST_MIB";

/** `--max-request-mib`, of the Coordinator and of what prints it. */
export const MAX_REQUEST_FLAG: FlagDefinition = {
  name: "max-request-mib",
  type: "string",
  value: "MIB",
  summary: `Largest request of a user in MiB, ${REQUEST_MEBIBYTES.least} to ${REQUEST_MEBIBYTES.most}`,
};

/**
 * Reads the number of MiB.
 *
 * @param source named in messages, such as a flag
 * @throws UsageError `terminal/invalid-argument`
 */
export function parseRequestMebibytes(text: string, source: string): number {
  const { least, most } = REQUEST_MEBIBYTES;
  const value = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (value >= least && value <= most) return value;
  const fact = `want a number from ${least} to ${most}`;
  throw new UsageError("terminal/invalid-argument", `invalid argument ${JSON.stringify(text)} for ${source}: ${fact}`);
}
