import { type CheckId, CHECK_IDS } from "../check-catalogue.ts";
import type { CheckResult, CheckStatus } from "../check-result.ts";

/** How many checks ended how; a check counts by its worst result. */
export type Summary = Readonly<Record<CheckStatus, number>>;

const WORST_FIRST: readonly CheckStatus[] = ["error", "warning", "skipped", "ok"];

/** How a check ended, by the worst of its results. */
export function statusOf(results: readonly CheckResult[]): CheckStatus {
  return WORST_FIRST.find((status) => results.some((result) => result.status === status)) ?? "skipped";
}

/** Counts checks, not results. */
export function summarize(results: readonly CheckResult[]): Summary {
  const byCheck = Map.groupBy<CheckId, CheckResult>(results, ({ check }) => check);
  const statuses = CHECK_IDS.flatMap((check) => {
    const found = byCheck.get(check);
    return found === undefined ? [] : [statusOf(found)];
  });
  const count = (wanted: CheckStatus): number => statuses.filter((status) => status === wanted).length;
  return { error: count("error"), warning: count("warning"), ok: count("ok"), skipped: count("skipped") };
}
