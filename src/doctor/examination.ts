import { collectProblem } from "../lib/collect-problem.ts";
import { type Place, type Problem, Problems } from "../lib/problems.ts";
import type { CheckId } from "./check-catalogue.ts";
import type { CheckResult, Finding } from "./check-result.ts";

/** Collects the results of all checks; a check that fails stops no other one. */
export class Examination {
  readonly results: CheckResult[] = [];

  report(check: CheckId, status: "warning" | "error", finding: Finding): void {
    this.results.push({ check, status, ...finding });
  }

  warn(check: CheckId, finding: Finding): void {
    this.report(check, "warning", finding);
  }

  error(check: CheckId, finding: Finding): void {
    this.report(check, "error", finding);
  }

  /** @param reason why there is nothing to look at */
  skip(check: CheckId, reason: string): void {
    this.results.push({ check, status: "skipped", message: reason });
  }

  /** The same reason for several checks. */
  skipAll(checks: readonly CheckId[], reason: string): void {
    for (const check of checks) this.skip(check, reason);
  }

  /** @param reason why nobody can look at what is there, and how else the answer can be had */
  leave(check: CheckId, reason: string): void {
    this.results.push({ check, status: "skipped", message: reason, unanswered: true });
  }

  /** The same reason for several checks. */
  leaveAll(checks: readonly CheckId[], reason: string): void {
    for (const check of checks) this.leave(check, reason);
  }

  /** Ends a check: it is ok if nothing was told of it. */
  conclude(check: CheckId, message: string): void {
    if (!this.results.some((result) => result.check === check)) this.results.push({ check, status: "ok", message });
  }

  /**
   * Takes over what a reader of files has found.
   *
   * @param hint what helps where a problem does not say
   */
  take(check: CheckId, { errors, warnings }: Pick<Problems, "errors" | "warnings">, hint?: string): void {
    for (const problem of errors) this.error(check, { ...findingOf(problem), hint: problem.hint ?? hint });
    for (const problem of warnings) this.warn(check, { ...findingOf(problem), hint: problem.hint ?? hint });
  }

  /**
   * Runs a step whose failure is a finding.
   *
   * @param step adds further findings to the problems that it is given
   * @param place added where an error names none, and what helps where it does not say
   * @returns undefined after a failure
   */
  async attempt<T>(
    check: CheckId,
    step: (problems: Problems) => T | Promise<T>,
    place: Place & Pick<Problem, "hint"> = {},
  ): Promise<T | undefined> {
    const problems = new Problems();
    const result = await collectProblem(problems, () => step(problems), place);
    this.take(check, problems, place.hint);
    return result;
  }
}

/** A problem of a reader as a finding. */
export function findingOf({ code, message, hint, file, line, column, path, object }: Problem): Finding {
  return { code, message, hint, file, line, column, path, object };
}
