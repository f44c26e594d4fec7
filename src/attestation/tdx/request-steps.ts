import { sameBytes } from "../../lib/same-bytes.ts";
import { judgedRow } from "../check-row.ts";
import type { EvidenceExpectations } from "../evidence-expectations.ts";
import type { CheckGroup } from "../verdict.ts";
import { isZero } from "./masked-bytes.ts";
import type { TdReport } from "./quote.ts";
import { type Finding, judgeSteps, type Step } from "./step.ts";

const POLICY_HASH_SIZE = 32;

/** What the caller itself expects of a quote; undefined where that is nothing. */
export function judgeRequest(body: TdReport, expected: EvidenceExpectations): CheckGroup | undefined {
  const steps = requestSteps(expected);
  return steps.length === 0 ? undefined : { name: "request", checks: judgeSteps(steps, { ready: true, value: body }) };
}

function requestSteps({ reportData, hostData, hostDataOneOf }: EvidenceExpectations): readonly Step<TdReport>[] {
  const steps: Step<TdReport>[] = [];
  if (reportData !== undefined) {
    steps.push({ id: "report-data", subject: "REPORT_DATA", judge: (body) => judgeReportData(body, reportData) });
  }
  if (hostData !== undefined) {
    steps.push({ id: "mr-config-id", subject: "MR_CONFIG_ID", judge: (body) => judgePolicyHash(body, [hostData]) });
  }
  if (hostDataOneOf !== undefined) {
    steps.push({
      id: "mr-config-id.one-of",
      subject: "MR_CONFIG_ID",
      judge: (body) => judgePolicyHash(body, hostDataOneOf),
    });
  }
  if (hostData !== undefined || hostDataOneOf !== undefined) {
    steps.push({ id: "mr-config-id.padding", subject: "MR_CONFIG_ID, last 16 bytes", judge: judgePadding });
  }
  return steps;
}

function judgeReportData({ reportData }: TdReport, expected: Uint8Array): Finding {
  return judgedRow({ actual: reportData.toHex(), expected: expected.toHex() }, sameBytes(reportData, expected), {
    code: "tdx/report-data-wrong",
    reason: "the evidence is bound to another key or nonce",
    remedy: "Do not trust this connection; the evidence was made for another one.",
  });
}

function judgePolicyHash({ mrConfigId }: TdReport, expected: readonly Uint8Array[]): Finding {
  const actual = mrConfigId.subarray(0, POLICY_HASH_SIZE);
  return judgedRow(
    {
      actual: actual.toHex(),
      expected: expected.map((hash) => hash.toHex()).join(" or "),
      meaning: "hash of the runtime policy",
    },
    expected.some((hash) => sameBytes(actual, hash)),
    {
      code: "tdx/host-data-wrong",
      reason: "the guest runs under another policy",
      remedy: "Compare the policy hash with the one that `generate` wrote for this deployment.",
    },
  );
}

function judgePadding({ mrConfigId }: TdReport): Finding {
  const padding = mrConfigId.subarray(POLICY_HASH_SIZE);
  return judgedRow({ actual: padding.toHex(), expected: "00".repeat(16) }, isZero(padding), {
    code: "tdx/host-data-wrong",
    reason: "MR_CONFIG_ID is more than a policy hash",
  });
}
