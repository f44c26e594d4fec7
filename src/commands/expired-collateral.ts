import type { AcceptedExpiry } from "../attestation/accepted-expiry.ts";
import { parseInstant } from "../lib/instant.ts";
import type { FlagDefinition, ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { UsageError } from "../terminal/usage-error.ts";

const NAME = "accept-collateral-until";

/**
 * Flag of every command that judges evidence; `acceptedExpiryOf` makes what it means. It is a date and not a switch, so
 * that what was meant for a bad week does not stay for ever in a script.
 */
export const ACCEPT_EXPIRED_FLAG: FlagDefinition = {
  name: NAME,
  type: "string",
  value: "TIME",
  summary:
    "Until this time, go on with revocation lists, TCB info and QE identity that have expired, if nothing newer can be had; the verdict says so",
};

/**
 * Until when expired collateral is accepted; each piece is warned of every time.
 *
 * @returns undefined where the flag is not given
 * @throws UsageError `terminal/invalid-argument`
 */
export function acceptedExpiryOf(flags: ParsedFlags, { err }: Pick<Io, "err">): AcceptedExpiry | undefined {
  if (!flags.isSet(NAME)) return undefined;
  const until = parseInstant(flags.string(NAME));
  if (until === undefined) {
    throw new UsageError(
      "terminal/invalid-argument",
      `invalid argument ${JSON.stringify(flags.string(NAME))} for "--${NAME}" flag: want a time such as 2026-01-31T12:00:00Z, or a date`,
    );
  }
  return {
    until,
    warn: (fact) =>
      err(`WARNING: --${NAME} goes on with ${fact}. What was revoked or found unsafe since then is not noticed.`),
  };
}
