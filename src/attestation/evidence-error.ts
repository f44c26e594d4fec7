import { ContrastError, type ErrorReport } from "../lib/errors.ts";
import { verdictJson } from "./verdict-json.ts";
import { renderVerdict } from "./verdict-text.ts";
import type { Verdict, Verified } from "./verdict.ts";

/**
 * The error about evidence that was not accepted. It carries the whole verdict, as text and for programs.
 *
 * @param action what could not be done, such as `Cannot trust the Coordinator at "localhost:1313"`
 * @returns `attestation/rejected` where a check failed, `attestation/unchecked` where some could not be made
 */
export function evidenceError(verdict: Verdict<unknown>, action: string): ContrastError {
  return outcomeError(verdict, action, {
    lines: renderVerdict(verdict, { passed: "count" }),
    json: { verdict: verdictJson(verdict) },
  });
}

/** The same error without the verdict, for a command that has printed it. */
export function outcomeError(verdict: Verdict<unknown>, action: string, report?: ErrorReport): ContrastError {
  if (verdict.outcome === "unknown") {
    const message = `${action}: the evidence could not be checked completely`;
    return new ContrastError("attestation/unchecked", message, { report });
  }
  return new ContrastError("attestation/rejected", `${action}: the evidence was refused`, { report });
}

/**
 * What the verdict accepted.
 *
 * @throws ContrastError `attestation/rejected`, `attestation/unchecked` with the verdict
 */
export function acceptedEvidence<T>(verdict: Verdict<T>, action: string): Verified<T> {
  if (verdict.outcome === "accepted") return verdict.evidence;
  throw evidenceError(verdict, action);
}
