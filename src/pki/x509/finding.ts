import type { ErrorCode } from "../../lib/error-codes.ts";

/** What a rule says. Passed findings carry their values too, so that a verdict can show them. */
export interface RuleFinding<Rule extends string> {
  readonly rule: Rule;
  readonly passed: boolean;
  /** Only where it did not pass. */
  readonly code?: ErrorCode;
  /** Only where it did not pass: `got …, want …`. */
  readonly reason?: string;
  readonly actual: string;
  readonly expected: string;
}

/** A finding with its reason in words. */
export function findingOf<Rule extends string>(
  rule: Rule,
  passed: boolean,
  code: ErrorCode,
  actual: string,
  expected: string,
): RuleFinding<Rule> {
  if (passed) return { rule, passed, actual, expected };
  return { rule, passed, code, reason: `got ${actual}, want ${expected}`, actual, expected };
}
