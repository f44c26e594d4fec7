import { sameBytes } from "../../lib/same-bytes.ts";
import { judgedRow, notJudgedRow, type Row } from "../check-row.ts";
import type { EvidenceExpectations } from "../evidence-expectations.ts";
import type { Check } from "../verdict.ts";
import type { SnpReport } from "./snp-report.ts";

/** What the guest put into its report must be what the caller asked for. */
function checkReportData({ reportData }: SnpReport, { reportData: expected }: EvidenceExpectations): Check {
  const row: Row = { id: "report-data", subject: "REPORT_DATA", actual: reportData.toHex() };
  if (expected === undefined) return notJudgedRow(row);
  return judgedRow({ ...row, expected: expected.toHex() }, sameBytes(reportData, expected), {
    code: "snp/report-data-wrong",
    reason: "the evidence was made for another connection, key or question",
  });
}

/** The policy hash that the host launched the guest with must be the expected one. */
function checkHostData({ hostData }: SnpReport, { hostData: expected }: EvidenceExpectations): Check {
  const row: Row = { id: "host-data", subject: "HOST_DATA (policy hash)", actual: hostData.toHex() };
  if (expected === undefined) return notJudgedRow(row);
  return judgedRow({ ...row, expected: expected.toHex() }, sameBytes(hostData, expected), {
    code: "snp/host-data-wrong",
    reason: "the guest runs another policy",
  });
}

/** The policy hash must be one of several; an empty list allows none. */
function checkHostDataOneOf({ hostData }: SnpReport, anyOf: readonly Uint8Array[]): Check {
  const row: Row = { id: "host-data.one-of", subject: "HOST_DATA (policy hash)", actual: hostData.toHex() };
  const expected = anyOf.map((allowed) => allowed.toHex()).join(" or ") || "none";
  const isAllowed = anyOf.some((allowed) => sameBytes(hostData, allowed));
  return judgedRow({ ...row, expected }, isAllowed, {
    code: "snp/host-data-wrong",
    reason: "the guest runs none of the allowed policies",
  });
}

/** The checks of the group `request`; undefined where the caller expects nothing of its own. */
export function requestChecks(report: SnpReport, request: EvidenceExpectations): readonly Check[] | undefined {
  const { reportData, hostData, hostDataOneOf } = request;
  if (reportData === undefined && hostData === undefined && hostDataOneOf === undefined) return undefined;
  const checks = [checkReportData(report, request)];
  if (hostData !== undefined || hostDataOneOf === undefined) checks.push(checkHostData(report, request));
  if (hostDataOneOf !== undefined) checks.push(checkHostDataOneOf(report, hostDataOneOf));
  return checks;
}
