import type { FlagDefinition, ParsedFlags } from "../../terminal/command-definition.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";

/** `COLLATERAL_FLAGS` without the choice of a time: roles go by the clock of their machine, whatever happens. */
export const ROLE_COLLATERAL_FLAGS: readonly FlagDefinition[] = COLLATERAL_FLAGS.map((flag) =>
  // Hidden and not left out: what reads these flags reads all of them.
  flag.name === "at" ? { ...flag, hidden: true } : flag,
);

/**
 * Refuses the flag that is only hidden.
 *
 * @throws UsageError `terminal/invalid-argument`
 */
export function requireOwnClock(flags: ParsedFlags): void {
  if (!flags.isSet("at")) return;
  throw new UsageError("terminal/invalid-argument", "invalid flag --at: this command goes by the clock of its machine");
}
