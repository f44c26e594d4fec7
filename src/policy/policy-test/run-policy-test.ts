import { ContrastError } from "../../lib/errors.ts";
import type { DecidingEngine } from "../../rego/deciding-engine.ts";
import type { DecidingSession } from "../../rego/deciding-session.ts";
import { completeRequest } from "../complete-request.ts";
import type { PolicyTest } from "./prepare-policy-test.ts";
import type { TestCase } from "./test-cases.ts";

/** What came of one case. */
export interface CaseResult {
  readonly description: string;
  readonly kind: string;
  /** Wanted verdict: whether the request is allowed. */
  readonly expected: boolean;
  /** Undefined when there was no verdict. */
  readonly actual: boolean | undefined;
  /** Why there was no verdict; the agent answers such requests with an internal error. */
  readonly error: string | undefined;
  readonly ok: boolean;
}

/** What came of the cases of one directory, in their order. */
export interface PolicyTestResult {
  readonly directory: string;
  readonly cases: readonly CaseResult[];
}

/** Decides the cases in order in one sandbox: what an allowed request settles holds for the following ones. */
export function runPolicyTest(engine: DecidingEngine, test: PolicyTest): PolicyTestResult {
  const session = engine.open(test.policyDataText);
  return { directory: test.directory, cases: test.cases.map((testCase) => runCase(session, testCase)) };
}

function runCase(session: DecidingSession, testCase: TestCase): CaseResult {
  const { description, kind, request, allowed: expected } = testCase;
  try {
    const { allowed: actual } = session.decide(kind, completeRequest(kind, request));
    return { description, kind, expected, actual, error: undefined, ok: actual === expected };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    return { description, kind, expected, actual: undefined, error: error.message, ok: false };
  }
}

/** Numbers of cases with the wanted verdict and with another or none. */
export function countCases(results: readonly PolicyTestResult[]): { readonly passed: number; readonly failed: number } {
  const cases = results.flatMap((result) => result.cases);
  const passed = cases.filter(({ ok }) => ok).length;
  return { passed, failed: cases.length - passed };
}
