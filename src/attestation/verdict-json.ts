import { earliestExpiry } from "./earliest-expiry.ts";
import { type CheckGroup, groupOutcome, type Verdict } from "./verdict.ts";

/**
 * A verdict for programs, with every row: `outcome`, `at`, `groups`, `collateral`, `earliestExpiry`. Rows have the
 * members of `Check`; what is not known is left out.
 */
export function verdictJson(verdict: Verdict<unknown>): Readonly<Record<string, unknown>> {
  const { outcome, at, required, alternatives, collateral = [] } = verdict;
  const groups = (kind: string, list: readonly CheckGroup[]): readonly unknown[] =>
    list.map((group) => ({ name: group.name, kind, outcome: groupOutcome(group), checks: group.checks }));
  return {
    outcome,
    at,
    groups: [...groups("required", required), ...groups("alternative", alternatives ?? [])],
    collateral,
    earliestExpiry: earliestExpiry(collateral)?.notAfter,
  };
}
