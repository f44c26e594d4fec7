import type { Verdict } from "../attestation/verdict.ts";
import { withReportJson } from "../lib/error-report.ts";
import { ContrastError } from "../lib/errors.ts";
import type { ExpectedState } from "./expected-state.ts";

/** What is known when a Coordinator could not be talked to. */
export interface RefusalContext {
  readonly verdict: Verdict<unknown> | undefined;
  readonly expected: ExpectedState;
  /** Whether other vendor roots than the embedded ones were trusted. */
  readonly insecure: boolean;
}

/** Registers that hold the hash of a guest's policy. */
const POLICY_REGISTERS = /HOST_?DATA|MR_?CONFIG_?ID/;

/**
 * Adds to an error what its verdict suggests, and whether roots were trusted that nobody should trust.
 *
 * @param error anything that was thrown; what is no `ContrastError` comes back as it is
 */
export function explainRefusal(error: unknown, { verdict, expected, insecure }: RefusalContext): unknown {
  if (!(error instanceof ContrastError)) return error;
  const marked = insecure ? withReportJson(error, { insecure: true }) : error;
  if (!isAboutEvidence(error) || verdict === undefined || !refusesPolicy(verdict)) return marked;
  const { policy } = expected;
  const hashes = policy.hashes.map((hash) => hash.toHex()).join(", ");
  return new ContrastError(error.code, error.message, {
    details: marked.details,
    cause: marked.cause,
    report: marked.report,
    hint:
      `The Coordinator runs under another policy than ${hashes}, which ${policy.sourceText} expects. ` +
      "Check that Coordinator and CLI are of one version, run generate again, or give the right --coordinator-policy-hash.",
  });
}

function isAboutEvidence({ code }: ContrastError): boolean {
  return code === "attestation/rejected" || code === "attestation/unchecked";
}

function refusesPolicy({ required, alternatives = [] }: Verdict<unknown>): boolean {
  return [...required, ...alternatives].some(({ checks }) =>
    checks.some(({ outcome, subject }) => outcome === "failed" && POLICY_REGISTERS.test(subject)),
  );
}
