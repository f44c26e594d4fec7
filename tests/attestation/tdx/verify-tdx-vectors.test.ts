import { describe, expect, test } from "bun:test";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { inspectIntelCollateral } from "../../../src/attestation/tdx/inspect-intel.ts";
import { type TdxEvidence, tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import { tdxNeeds } from "../../../src/attestation/tdx/tdx-needs.ts";
import { type TdxVerifyOptions, verifyTdx } from "../../../src/attestation/tdx/verify-tdx.ts";
import type { Verdict } from "../../../src/attestation/verdict.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { createIntelPlatform, intelCollateralSet } from "../../fakes/intel-platform.ts";
import { rowsOf, rowsThat } from "../../fakes/intel-verdict.ts";
import { tdxVectors } from "../../fakes/tdx-vectors.ts";

const vectors = tdxVectors();

function judge(
  evidence: TdxEvidence,
  at: string,
  items: readonly CollateralItem[],
  options: Partial<TdxVerifyOptions> = {},
): Verdict<TdxEvidence> {
  return verifyTdx(evidence, intelCollateralSet(items), {
    at: new Date(at),
    root: vectors!.root,
    revocation: "required",
    collateral: "required",
    expectations: undefined,
    expected: {},
    ...options,
  });
}

const WAIVED = { revocation: "waived", collateral: "waived" } as const;

describe.skipIf(vectors === undefined)("verifyTdx() on real quotes", () => {
  test.each([
    ["v4-a", "2022-09-22T00:00:00Z", "2022-09-20T00:00:00Z", "2029-09-21T12:00:00Z"],
    ["v4-b", "2025-02-08T00:00:00Z", "2025-02-06T00:00:00Z", "2032-02-07T12:00:00Z"],
    ["v4-c", "2025-04-10T00:00:00Z", "2025-04-08T00:00:00Z", "2032-04-09T12:00:00Z"],
    ["v4-d", "2023-09-15T00:00:00Z", "2023-09-13T00:00:00Z", "2030-09-14T12:00:00Z"],
    ["v5-a", "2026-01-29T00:00:00Z", "2026-01-27T00:00:00Z", "2033-01-28T12:00:00Z"],
  ])("verifies signatures, binding and chain of %s while its certificates are valid", (name, at, early, late) => {
    const evidence = vectors!.evidence(name);
    expect(judge(evidence, at, [], WAIVED).outcome).toBe("accepted");
    expect(rowsThat(judge(evidence, early, [], WAIVED), "failed")).toEqual([
      "chain.validity pki/certificate-not-yet-valid",
    ]);
    expect(rowsThat(judge(evidence, late, [], WAIVED), "failed")).toEqual(["chain.validity pki/certificate-expired"]);
    expect(judge(evidence, at, []).outcome).toBe("unknown");
  });

  test.each(["2025-06-19T10:33:00Z", "2025-07-19T10:00:00Z"])("finds v4-b up to date at %s", (at) => {
    const verdict = judge(vectors!.evidence("v4-b"), at, vectors!.collateral("v4-b"));
    expect(verdict.outcome).toBe("accepted");
    const status = rowsOf(verdict).filter(({ id }) => id === "tcb.status" || id === "qe.tcb-status");
    expect(status.map(({ actual }) => actual)).toEqual(["UpToDate", "UpToDate"]);
    expect(rowsOf(verdict).find(({ id }) => id === "tcb.module")?.actual).toBe("TDX_01, version 6");
  });

  test("does not know about v4-b when its collateral has expired, or is not there yet", () => {
    const late = judge(vectors!.evidence("v4-b"), "2025-08-01T00:00:00Z", vectors!.collateral("v4-b"));
    expect(late.outcome).toBe("unknown");
    expect(rowsThat(late, "unknown")).toEqual([
      "tcb-info.validity tdx/collateral-expired",
      "qe-identity.validity tdx/collateral-expired",
      "pck-crl.validity tdx/collateral-expired",
    ]);
    const early = judge(vectors!.evidence("v4-b"), "2025-06-19T09:00:00Z", vectors!.collateral("v4-b"));
    expect(early.outcome).toBe("unknown");
    expect(rowsThat(early, "failed")).toEqual([]);
  });

  test("finds v4-a below every TCB level of 2023, and nothing else wrong", () => {
    const verdict = judge(vectors!.evidence("v4-a"), "2023-07-01T01:00:00Z", vectors!.collateral2023());
    expect(verdict.outcome).toBe("rejected");
    expect(rowsThat(verdict, "failed")).toEqual(["tcb.platform tdx/tcb-level-none"]);
    expect(rowsThat(verdict, "unknown")).toEqual(["tcb.status tdx/tcb-level-none"]);
  });

  test("finds platform and module of v5-a up to date", () => {
    const verdict = judge(vectors!.evidence("v5-a"), "2026-02-15T00:00:00Z", [vectors!.tcbInfo2026()]);
    expect(verdict.outcome).toBe("unknown");
    expect(rowsThat(verdict, "failed")).toEqual([]);
    const passed = rowsThat(verdict, "passed");
    expect(passed).toContain("tcb-info.signature");
    expect(passed).toContain("tcb.status");
    expect(rowsOf(verdict).find(({ id }) => id === "tcb.module")?.actual).toBe("TDX_01, version 11");
  });

  test("refuses the SGX quote, and SGX collateral as collateral of TDX", () => {
    expect(codeOf(() => vectors!.evidence("sgx-v3"))).toBe("tdx/quote-is-sgx");
    const [tcbInfo, qeIdentity] = vectors!.collateral("sgx-v3");
    expect(codeOf(() => inspectIntelCollateral(tcbInfo!, vectors!.root))).toBe("tdx/collateral-invalid");
    expect(codeOf(() => inspectIntelCollateral(qeIdentity!, vectors!.root))).toBe("tdx/collateral-wrong");
  });

  test("asks for collateral by what the quote states", () => {
    expect(tdxNeeds(vectors!.evidence("v4-c"), { revocation: "required", collateral: "required" })).toEqual([
      { kind: "intel-tcb-info", fmspc: "00a06d080000" },
      { kind: "intel-qe-identity" },
      { kind: "intel-pck-crl", ca: "platform" },
      { kind: "intel-root-crl" },
    ]);
  });
});

describe.skipIf(vectors === undefined)("verifyTdx() on real quotes that were changed", () => {
  const at = "2025-06-25T00:00:00Z";
  const flipped = (offset: number): Uint8Array => {
    const bytes = vectors!.quote("v4-b").slice();
    bytes[offset] = (bytes[offset] ?? 0) ^ 1;
    return bytes;
  };
  const rowsOfFlip = (offset: number): readonly string[] =>
    rowsThat(judge(tdxEvidenceFromQuote(flipped(offset)), at, vectors!.collateral("v4-b")), "failed");

  test.each([
    ["the header", 12],
    ["MR_TD", 48 + 0x88],
    ["REPORT_DATA", 48 + 0x208],
    ["the signature", 48 + 584 + 4],
  ])("refuses a changed bit of %s", (_, offset) => {
    expect(rowsOfFlip(offset)).toEqual(["quote.signature tdx/quote-signature-invalid"]);
  });

  test("refuses a changed bit of the attestation key, the QE report and the auth data", () => {
    expect(rowsOfFlip(48 + 584 + 4 + 64)).toEqual([
      "quote.attestation-key tdx/attestation-key-invalid",
      "qe.report-data tdx/qe-binding-invalid",
    ]);
    expect(rowsOfFlip(48 + 584 + 4 + 134)).toEqual(["qe.signature tdx/qe-signature-invalid"]);
    expect(rowsOfFlip(48 + 584 + 4 + 134 + 450)).toEqual(["qe.report-data tdx/qe-binding-invalid"]);
  });

  test("refuses the chain of another root, TCB info of other processors, and a chain without its last certificate", () => {
    const platform = createIntelPlatform();
    const verdict = judge(vectors!.evidence("v4-b"), at, vectors!.collateral("v4-b"), { root: platform.root });
    expect(rowsThat(verdict, "failed")).toContain("chain.root tdx/root-untrusted");
    const [tcbInfo, ...others] = vectors!.collateral("v4-b");
    const other = { ...vectors!.tcbInfo2026(), need: tcbInfo!.need };
    expect(rowsThat(judge(vectors!.evidence("v4-b"), at, [other, ...others]), "failed")).toEqual([
      "tcb-info.fmspc tdx/collateral-wrong",
    ]);
    const text = Buffer.from(vectors!.quote("v4-b")).toString("latin1");
    const cut = text.lastIndexOf("-----BEGIN CERTIFICATE-----");
    const damaged = Buffer.from(`${text.slice(0, cut)}${" ".repeat(27)}${text.slice(cut + 27)}`, "latin1");
    expect(codeOf(() => tdxEvidenceFromQuote(damaged))).toBe("tdx/pck-chain-invalid");
  });
});
