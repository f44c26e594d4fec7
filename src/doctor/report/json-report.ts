import { findingsJson } from "../../terminal/findings-json.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { type CheckId, CHECKS, SUBJECTS, SUBJECT_NAMES, CHECK_IDS, subjectOf } from "../check-catalogue.ts";
import type { CheckResult } from "../check-result.ts";
import { statusOf, summarize } from "./summary.ts";

/**
 * The report for programs, schema `contrast/doctor/v1`.
 *
 * @param ok whether nothing was found that makes the command fail
 */
export function renderJsonReport(results: readonly CheckResult[], ok: boolean): string {
  const findings = results.flatMap(({ status, ...rest }) =>
    status === "error" || status === "warning" ? [{ ...rest, severity: status }] : [],
  );
  const checks = Array.from(
    Map.groupBy<CheckId, CheckResult>(results, ({ check }) => check),
    ([check, found]) => {
      const status = statusOf(found);
      const told = found.find((result) => result.status === status && (status === "ok" || status === "skipped"));
      return { check, status, message: told?.message, unanswered: told?.unanswered };
    },
  );
  return resultJson("doctor", { ok, ...findingsJson(findings), summary: summarize(results), checks });
}

/** The catalogue for programs, schema `contrast/doctor-checks/v1`. */
export function renderJsonChecks(): string {
  const checks = CHECK_IDS.map((check) => ({ check, subject: subjectOf(check), title: CHECKS[check] }));
  return resultJson("doctor-checks", {
    subjects: SUBJECT_NAMES.map((name) => ({ name, title: SUBJECTS[name] })),
    checks,
  });
}
