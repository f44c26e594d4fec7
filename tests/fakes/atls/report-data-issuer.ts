import type { EvidenceIssuer } from "../../../src/attestation/issuer.ts";

/** Issues evidence that is nothing but its report data, for `judgeReportData`. */
export const REPORT_DATA_ISSUER: EvidenceIssuer = {
  tee: "snp",
  source: "test",
  issue: (reportData) => Promise.resolve({ oid: "1.3.9901.2.1", value: reportData }),
};
