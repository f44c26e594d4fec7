import type { TrustRoots } from "../../attestation/trust-roots.ts";
import type { FlagDefinition, ParsedFlags } from "../../terminal/command-definition.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";
import { SIMULATED_GUEST_FLAG } from "../simulated-guest-flag.ts";

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

/**
 * Other roots than those of the vendors go with a simulated machine only: a Coordinator whose own evidence is genuine
 * would vouch for workloads that anybody can forge.
 *
 * @throws UsageError `terminal/invalid-argument`
 */
export function requireSimulatedGuest(flags: ParsedFlags, { insecure }: Pick<TrustRoots, "insecure">): void {
  if (!insecure || flags.string(SIMULATED_GUEST_FLAG.name) !== "") return;
  throw new UsageError(
    "terminal/invalid-argument",
    "invalid flag --insecure-trust-roots: a Coordinator on real hardware vouches for no simulated workloads; the flag goes with --insecure-simulated-guest only",
  );
}
