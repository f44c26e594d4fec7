import { renderInstant } from "../../lib/instant.ts";
import { acceptedRow, isAccepted } from "../accepted-expiry.ts";
import { unknownRow } from "../check-row.ts";
import { type Finding } from "./step.ts";

/** Collateral that is this much younger than the clock of the one who judges is still taken; clocks differ. */
const MAX_SKEW_MS = 5 * 60 * 1000;

/**
 * Judges whether collateral counts at a time. What is too old or too new was not refused, it just says nothing.
 *
 * @param end undefined where the object names none; then nobody can tell whether it still counts
 * @param acceptUntil until when the user accepts what has ended
 */
export function validityFinding(begin: Date, end: Date | undefined, at: Date, acceptUntil: Date | undefined): Finding {
  const expected = `${renderInstant(begin)} to ${end === undefined ? "an end that it does not name" : renderInstant(end)}`;
  const row = { actual: renderInstant(at), expected };
  if (at.getTime() < begin.getTime() - MAX_SKEW_MS) {
    return unknownRow(row, {
      code: "tdx/collateral-not-yet-valid",
      reason: "it was issued after the time that is judged",
      remedy: "Check the clock, or judge with collateral of that time.",
    });
  }
  if (acceptUntil !== undefined && isAccepted(end, at, acceptUntil)) return acceptedRow(row, end, at, acceptUntil);
  if (end === undefined || at.getTime() >= end.getTime()) {
    return unknownRow(row, {
      code: "tdx/collateral-expired",
      reason: "it has expired",
      remedy: "Fetch it again where there is a network, or judge as of an earlier time with --at.",
    });
  }
  return { ...row, outcome: "passed" };
}
