import type { ParsedFlags } from "../terminal/command-definition.ts";
import { UsageError } from "../terminal/usage-error.ts";

/** Digits of either base, far more than any number needs. */
const NUMBER = /^(?:0[xX][0-9A-Fa-f]{1,32}|[0-9]{1,32})$/;

/**
 * Reads a flag that is a whole number, decimal or hexadecimal behind `0x`.
 *
 * @returns undefined where neither the user nor a default gives it
 * @throws UsageError `terminal/invalid-argument`
 */
export function numberFlag(flags: ParsedFlags, name: string, maximum: bigint): bigint | undefined {
  const text = flags.string(name);
  if (text === "" && !flags.isSet(name)) return undefined;
  const value = NUMBER.test(text) ? BigInt(text) : undefined;
  if (value !== undefined && value <= maximum) return value;
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(text)} for "--${name}" flag: want a number from 0 to ${maximum > 0xffffn ? `0x${maximum.toString(16)}` : maximum}`,
  );
}
