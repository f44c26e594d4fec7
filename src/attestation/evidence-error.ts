import type { ErrorCode } from "../lib/error-codes.ts";
import { ContrastError, type ErrorReport } from "../lib/errors.ts";
import { verdictJson } from "./verdict-json.ts";
import { renderVerdict } from "./verdict-text.ts";
import type { Verdict } from "./verdict.ts";

/**
 * The error about evidence that was not accepted. It carries the whole verdict, as text and for programs.
 *
 * @param action what could not be done, such as `Cannot trust the Coordinator at "localhost:1313"`
 * @param source flags of `contrast collateral` that name where the evidence is from, such as `--evidence report.bin`
 * @returns `attestation/rejected` where a check failed, `attestation/unchecked` where some could not be made
 */
export function evidenceError(verdict: Verdict<unknown>, action: string, source?: string): ContrastError {
  const report = {
    lines: renderVerdict(verdict, { passed: "count" }),
    json: { verdict: verdictJson(verdict) },
  };
  return outcomeError(verdict, action, source, report);
}

/** The same error without the verdict, for a command that has printed it. */
export function outcomeError(
  verdict: Verdict<unknown>,
  action: string,
  source?: string,
  report?: ErrorReport,
): ContrastError {
  if (verdict.outcome === "unknown") {
    const message = `${action}: the evidence could not be checked completely`;
    const hint = source !== undefined && lacksCollateral(verdict) ? exportHint(source) : undefined;
    return new ContrastError("attestation/unchecked", message, { hint, report });
  }
  return new ContrastError("attestation/rejected", `${action}: the evidence was refused`, { report });
}

/** What is missing or past its date can be had from the vendor. */
const LACKING: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  "snp/vcek-missing",
  "snp/crl-missing",
  "pki/crl-expired",
  "tdx/collateral-missing",
  "tdx/collateral-expired",
]);

function lacksCollateral({ required, alternatives = [] }: Verdict<unknown>): boolean {
  return [...required, ...alternatives].some(({ checks }) => checks.some(({ code }) => LACKING.has(code)));
}

function exportHint(source: string): string {
  return `Everything at once: where there is network, run "contrast collateral export collateral.tar ${source}"; then add --collateral collateral.tar here.`;
}
