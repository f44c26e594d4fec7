import type { ParsedFlags } from "../terminal/command-definition.ts";
import { UsageError } from "../terminal/usage-error.ts";

/**
 * The bytes of a flag that takes hexadecimal digits of either letter case.
 *
 * @returns undefined where the flag was not given
 * @throws UsageError `terminal/invalid-argument`
 */
export function hexFlag(flags: ParsedFlags, name: string, sizeBytes: number): Uint8Array | undefined {
  if (!flags.isSet(name)) return undefined;
  const text = flags.string(name);
  const isHex = /^[0-9A-Fa-f]*$/.test(text);
  if (isHex && text.length === 2 * sizeBytes) return Uint8Array.fromHex(text);
  const got = isHex ? `${text.length}` : "other characters";
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(text)} for "--${name}" flag: got ${got}, want ${2 * sizeBytes} hexadecimal digits`,
  );
}
