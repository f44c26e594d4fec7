import { describe, expect, test } from "bun:test";
import { fakeKey } from "../../fakes/intel-certificates.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";
import type { QuoteFields } from "../../fakes/intel-quote.ts";
import { judgePlatform, rowsThat } from "../../fakes/intel-verdict.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";

const usual = createIntelPlatform();
const stranger = fakeKey("stranger");
const { qeReport } = tdxEvidenceFromQuote(usual.quote()).quote;

describe("verifyTdx() about the quote itself", () => {
  test.each([
    ["version 4", { version: 4 }],
    ["version 5 with a body of TDX 1.0", { version: 5, bodyType: 2 }],
    ["version 5 with a body of TDX 1.5", { version: 5, bodyType: 3 }],
  ])("accepts one of %s", (_, fields) => {
    const verdict = judgePlatform(usual, { quote: usual.quote(fields) });
    expect(rowsThat(verdict, "failed")).toEqual([]);
    expect(verdict.outcome).toBe("accepted");
  });

  const cases: readonly [string, Partial<QuoteFields>, string][] = [
    ["a signature of a stranger", { quoteSigner: stranger }, "quote.signature tdx/quote-signature-invalid"],
    [
      "an attestation key that is no point of the curve",
      { attestationPoint: new Uint8Array(64).fill(7) },
      "quote.attestation-key tdx/attestation-key-invalid",
    ],
    ["a QE report signed by a stranger", { qeSigner: stranger }, "qe.signature tdx/qe-signature-invalid"],
    [
      "an attestation key that the QE does not vouch for",
      { attestationPoint: stranger.spkiDer.subarray(-64), quoteSigner: stranger, qeReportData: qeReport.reportData },
      "qe.report-data tdx/qe-binding-invalid",
    ],
    [
      "auth data that the QE does not vouch for",
      { qeAuthData: Uint8Array.of(1, 2, 3), qeReportData: qeReport.reportData },
      "qe.report-data tdx/qe-binding-invalid",
    ],
    [
      "more in the QE's report data than the binding",
      { qeReportData: Uint8Array.from([...qeReport.reportData.subarray(0, 63), 1]) },
      "qe.report-data tdx/qe-binding-invalid",
    ],
  ];

  test.each(cases)("refuses %s in one row", (_, fields, row) => {
    const verdict = judgePlatform(usual, { quote: usual.quote(fields) });
    expect(verdict.outcome).toBe("rejected");
    expect(rowsThat(verdict, "failed")).toEqual([row]);
  });
});

describe("verifyTdx() about what the caller expects", () => {
  const reportData = new Uint8Array(64).fill(1);
  const policy = new Uint8Array(32).fill(2);
  const other = new Uint8Array(32).fill(3);
  const quote = usual.quote({ reportData, mrConfigId: policy });

  test("accepts report data and policy hash that are expected", () => {
    const expected = { reportData, hostData: policy, hostDataOneOf: [other, policy] };
    const verdict = judgePlatform(usual, { quote, expected });
    expect(verdict.outcome).toBe("accepted");
    expect(verdict.required.map(({ name }) => name)).toEqual(["authenticity", "request"]);
  });

  test.each([
    ["other report data", { reportData: new Uint8Array(64) }, "report-data tdx/report-data-wrong"],
    ["report data of another length", { reportData: new Uint8Array(0) }, "report-data tdx/report-data-wrong"],
    ["another policy hash", { hostData: other }, "mr-config-id tdx/host-data-wrong"],
    ["a policy hash without bytes", { hostData: new Uint8Array(0) }, "mr-config-id tdx/host-data-wrong"],
    ["policy hashes of which none fits", { hostDataOneOf: [other] }, "mr-config-id.one-of tdx/host-data-wrong"],
    ["an empty list of policy hashes", { hostDataOneOf: [] }, "mr-config-id.one-of tdx/host-data-wrong"],
  ])("refuses %s in one row", (_, expected, row) => {
    expect(rowsThat(judgePlatform(usual, { quote, expected }), "failed")).toEqual([row]);
  });

  test("refuses more than a policy hash in MR_CONFIG_ID", () => {
    const mrConfigId = Uint8Array.from([...policy, ...new Uint8Array(15), 1]);
    const verdict = judgePlatform(usual, { quote: usual.quote({ mrConfigId }), expected: { hostData: policy } });
    expect(rowsThat(verdict, "failed")).toEqual(["mr-config-id.padding tdx/host-data-wrong"]);
  });

  test("has no group for a caller that expects nothing", () => {
    expect(judgePlatform(usual, { quote }).required.map(({ name }) => name)).toEqual(["authenticity"]);
  });
});
