import { earliestExpiryText } from "./earliest-expiry.ts";
import { type CheckOutcome, groupOutcome, type Verdict } from "./verdict.ts";

/** An accepted verdict in a few words: how much was checked, which reference values fit, and what expires first. */
export function summarizeAccepted(verdict: Verdict<unknown>): readonly string[] {
  const { required, alternatives = [] } = verdict;
  const fitting = alternatives.filter((group) => groupOutcome(group) === "passed");
  const checks = [...required, ...fitting.slice(0, 1)].flatMap((group) => group.checks);
  const count = (wanted: CheckOutcome): number => checks.filter(({ outcome }) => outcome === wanted).length;
  const waived = count("waived") === 0 ? "" : `, ${count("waived")} waived`;
  const names = fitting.map(({ name }) => name).join(", ");
  const expiry = earliestExpiryText(verdict);
  return [
    `evidence: ${count("passed")} checks passed${waived}${names === "" ? "" : `, reference values ${names} fit`}`,
    ...(expiry === undefined ? [] : [expiry]),
  ];
}
