import { resultJson } from "../../terminal/json-result.ts";
import { CHECKS, SUBJECTS, SUBJECT_NAMES, CHECK_IDS, subjectOf } from "../check-catalogue.ts";
import type { CheckResult } from "../check-result.ts";
import { summarize } from "./summary.ts";

/**
 * The report for programs, schema `contrast/doctor/v1`.
 *
 * @param ok whether nothing was found that makes the command fail
 */
export function renderJsonReport(results: readonly CheckResult[], ok: boolean): string {
  return resultJson("doctor", { ok, summary: summarize(results), results });
}

/** The catalogue for programs, schema `contrast/doctor-checks/v1`. */
export function renderJsonChecks(): string {
  const checks = CHECK_IDS.map((check) => ({ check, subject: subjectOf(check), title: CHECKS[check] }));
  return resultJson("doctor-checks", {
    subjects: SUBJECT_NAMES.map((name) => ({ name, title: SUBJECTS[name] })),
    checks,
  });
}
