import type { ParsedFlags } from "../terminal/command-definition.ts";
import { UsageError } from "../terminal/usage-error.ts";

/**
 * The value of a flag that takes one of a few words.
 *
 * @param names the `choices` of its definition
 * @throws UsageError `terminal/invalid-argument`
 */
export function choiceFlag<Name extends string>(flags: ParsedFlags, flag: string, names: readonly Name[]): Name {
  const value = flags.string(flag);
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  throw new UsageError(
    "terminal/invalid-argument",
    `invalid argument ${JSON.stringify(value)} for "--${flag}" flag: must be one of ${names.join(", ")}`,
  );
}
