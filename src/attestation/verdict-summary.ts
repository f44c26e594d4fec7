import { renderInstant } from "../lib/instant.ts";
import { earliestExpiry } from "./earliest-expiry.ts";
import { groupOutcome, type Verdict } from "./verdict.ts";

/** An accepted verdict in a few words: how much was checked, which reference values fit, and what expires first. */
export function summarizeAccepted({
  required,
  alternatives = [],
  collateral = [],
}: Verdict<unknown>): readonly string[] {
  const fitting = alternatives.filter((group) => groupOutcome(group) === "passed");
  const checks = [...required, ...fitting.slice(0, 1)].flatMap((group) => group.checks);
  const passed = checks.filter(({ outcome }) => outcome === "passed").length;
  const names = fitting.map(({ name }) => name).join(", ");
  const first = earliestExpiry(collateral);
  return [
    `evidence: ${passed} checks passed${names === "" ? "" : `, reference values ${names} fit`}`,
    ...(first === undefined ? [] : [`first to expire: ${first.name}, ${renderInstant(first.notAfter)}`]),
  ];
}
