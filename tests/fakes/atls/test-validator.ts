import type { Evidence } from "../../../src/attestation/evidence.ts";
import type { EvidenceValidator } from "../../../src/attestation/validator.ts";
import { concludeVerdict } from "../../../src/attestation/verdict.ts";

/**
 * Judges evidence that is nothing but its report data (`BARE_EVIDENCE`). For tests of connections; nothing of the real
 * judging is in here.
 */
export const judgeReportData: EvidenceValidator = (presented, reportData) => {
  const actual = Buffer.from(presented.value).toString("hex");
  const expected = Buffer.from(reportData).toString("hex");
  const outcome = actual === expected ? "passed" : "failed";
  const check = { id: "report-data", subject: "REPORT_DATA", outcome, actual, expected } as const;
  return Promise.resolve(concludeVerdict({} as Evidence, [{ name: "request", checks: [check] }], undefined));
};
