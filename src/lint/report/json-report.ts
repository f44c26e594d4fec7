import { findingsJson } from "../../terminal/findings-json.ts";
import { resultJson } from "../../terminal/json-result.ts";
import type { LintReport } from "../lint-report.ts";
import type { Repair } from "../fix-findings.ts";
import { LINT_RULES } from "../rule-catalogue.ts";

/** Findings as the JSON object of the command. */
export function renderJsonReport(report: LintReport, repairs: readonly Repair[], ok: boolean): string {
  const { files, findings, silenced } = report;
  const told = findings.map((finding) => ({ ...finding, source: undefined }));
  return resultJson("lint", { ok, silenced, files: files.length, fixed: repairs, ...findingsJson(told) });
}

/** All rules as the JSON object of `--list`. */
export function renderJsonRules(): string {
  const rules = LINT_RULES.map(({ id, severity, title, why, fix, fixable = false, code }) => ({
    id,
    severity,
    title,
    why,
    fix,
    fixable,
    code,
  }));
  return resultJson("lint-rules", { rules });
}
