import type { CaseResult } from "./run-policy-test.ts";

/** What is wrong with the outcome of a case: `allowed, want denied`. */
export function verdictText({ actual, expected, error }: CaseResult): string {
  return `${actual === undefined ? `no verdict (${error ?? "unknown"})` : wordOf(actual)}, want ${wordOf(expected)}`;
}

function wordOf(allowed: boolean): string {
  return allowed ? "allowed" : "denied";
}
