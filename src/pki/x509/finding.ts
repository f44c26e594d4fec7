import type { ErrorCode } from "../../lib/error-codes.ts";

/** What a rule looked at, in words. */
export interface Compared {
  readonly actual: string;
  readonly expected: string;
}

/** What a rule says. Passed findings have their values too, so that a verdict can show them. */
export interface RuleFinding<Rule extends string> {
  readonly rule: Rule;
  readonly passed: boolean;
  /** Only where it did not pass. */
  readonly code?: ErrorCode;
  /** Only where it did not pass: `got …, want …`. */
  readonly reason?: string;
  /** Made when they are asked for: of a long chain nobody reads them all. */
  readonly compared: () => Compared;
}

/** A finding with its reason in words. */
export function findingOf<Rule extends string>(
  rule: Rule,
  passed: boolean,
  code: ErrorCode,
  compared: () => Compared,
): RuleFinding<Rule> {
  if (passed) return { rule, passed, compared };
  const { actual, expected } = compared();
  return { rule, passed, code, reason: `got ${actual}, want ${expected}`, compared };
}
