import { UsageError } from "../../terminal/usage-error.ts";

/** The error for a flag that says something only together with one that was not given. */
export function missingFlag(name: string, given: string, hint?: string): UsageError {
  const message = `required flag(s) "${name}" not set, which "--${given}" goes with`;
  return new UsageError("terminal/required-flag", message, hint === undefined ? {} : { hint });
}
