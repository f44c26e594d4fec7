import type { ParsedFlags } from "../terminal/command-definition.ts";
import { UsageError } from "../terminal/usage-error.ts";

const MAX_SECONDS = 3600;

/**
 * Reads a flag that is a time in whole seconds, from one second to an hour.
 *
 * @returns milliseconds
 * @throws UsageError `terminal/invalid-argument`
 */
export function secondsFlag(flags: ParsedFlags, name: string): number {
  const text = flags.string(name);
  const seconds = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= MAX_SECONDS) return seconds * 1000;
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(text)} for "--${name}" flag: want seconds from 1 to ${MAX_SECONDS}`,
  );
}
