import { describe, expect, test } from "bun:test";
import type { CollateralItem, CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { inspectIntelCollateral } from "../../../src/attestation/tdx/inspect-intel.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import { tdxNeeds } from "../../../src/attestation/tdx/tdx-needs.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { fakeKey } from "../../fakes/intel-certificates.ts";
import { createIntelPlatform, type IntelPlatformOptions } from "../../fakes/intel-platform.ts";

const usual = createIntelPlatform();
const stranger = fakeKey("stranger");
const DAY_MS = 86_400_000;

function itemOf(kind: CollateralNeed["kind"], options: IntelPlatformOptions = {}): CollateralItem {
  return createIntelPlatform(options)
    .collateralItems()
    .find(({ need }) => need.kind === kind)!;
}

describe("inspectIntelCollateral()", () => {
  test("gives the dates of each kind, also of what has long expired", () => {
    for (const now of [usual.now, new Date("2024-01-01T00:00:00Z")]) {
      const platform = createIntelPlatform({ now });
      const dates = platform.collateralItems().map((item) => inspectIntelCollateral(item, platform.root));
      const begin = new Date(now.getTime() - DAY_MS);
      const end = new Date(now.getTime() + 29 * DAY_MS);
      const rootEnd = new Date(now.getTime() + 300 * DAY_MS);
      expect(dates).toEqual([end, end, end, rootEnd].map((notAfter) => ({ notBefore: begin, notAfter })));
    }
  });

  const cases: readonly [string, CollateralItem, string][] = [
    [
      "TCB info of other processors",
      { ...itemOf("intel-tcb-info"), need: { kind: "intel-tcb-info", fmspc: "000000000000" } },
      "tdx/collateral-wrong",
    ],
    [
      "changed TCB info",
      itemOf("intel-tcb-info", { changeTcbInfo: (text) => text.replace('"version":3', '"version":4') }),
      "tdx/collateral-signature-invalid",
    ],
    ["TCB info that is no JSON", { ...itemOf("intel-tcb-info"), body: Uint8Array.of(0x3c) }, "tdx/collateral-invalid"],
    [
      "TCB info without issuer chain",
      { ...itemOf("intel-tcb-info"), issuerChainPem: undefined },
      "tdx/collateral-missing",
    ],
    ["TCB info of a stranger", itemOf("intel-tcb-info", { authority: "other" }), "tdx/root-untrusted"],
    ["a QE identity of SGX", itemOf("intel-qe-identity", { qeIdentity: { id: "QE" } }), "tdx/collateral-wrong"],
    [
      "a changed QE identity",
      itemOf("intel-qe-identity", { changeQeIdentity: (text) => text.replace("2,", "3,") }),
      "tdx/collateral-signature-invalid",
    ],
    [
      "a root list signed by a stranger",
      itemOf("intel-root-crl", { rootCrl: { signer: stranger } }),
      "pki/signature-invalid",
    ],
    [
      "a root list that cannot be read",
      { ...itemOf("intel-root-crl"), body: Uint8Array.of(1) },
      "tdx/collateral-invalid",
    ],
    [
      "a PCK list signed by a stranger",
      itemOf("intel-pck-crl", { pckCrl: { signer: stranger } }),
      "pki/signature-invalid",
    ],
    [
      "a PCK list of the other authority",
      itemOf("intel-pck-crl", { pckCrl: { issuerName: "Intel SGX PCK Processor CA" } }),
      "tdx/collateral-wrong",
    ],
    [
      "a PCK list whose issuer is a stranger's",
      itemOf("intel-pck-crl", { certificates: { intermediate: { signer: stranger } } }),
      "pki/signature-invalid",
    ],
    [
      "AMD's collateral",
      { ...itemOf("intel-root-crl"), need: { kind: "amd-crl", product: "Milan", signingKey: "VCEK" } },
      "tdx/collateral-wrong",
    ],
  ];

  test.each(cases)("refuses %s", (_, item, code) => {
    expect(codeOf(() => inspectIntelCollateral(item, usual.root))).toBe(code);
  });

  test("takes a PCK list without issuer chain as far as it can be checked", () => {
    const item = { ...itemOf("intel-pck-crl"), issuerChainPem: undefined };
    expect(inspectIntelCollateral(item, usual.root).notBefore).toEqual(new Date(usual.now.getTime() - DAY_MS));
  });
});

describe("tdxNeeds()", () => {
  const evidence = tdxEvidenceFromQuote(usual.quote());
  const kinds = (revocation: "required" | "waived", collateral: "required" | "waived"): readonly string[] =>
    tdxNeeds(evidence, { revocation, collateral }).map(({ kind }) => kind);

  test("leaves out what was waived", () => {
    expect(kinds("required", "required")).toEqual([
      "intel-tcb-info",
      "intel-qe-identity",
      "intel-pck-crl",
      "intel-root-crl",
    ]);
    expect(kinds("waived", "required")).toEqual(["intel-tcb-info", "intel-qe-identity"]);
    expect(kinds("required", "waived")).toEqual(["intel-pck-crl", "intel-root-crl"]);
    expect(kinds("waived", "waived")).toEqual([]);
  });

  test("asks for the list of the authority that issued the PCK", () => {
    const processor = tdxEvidenceFromQuote(createIntelPlatform({ processorCa: true }).quote());
    const needs = tdxNeeds(processor, { revocation: "required", collateral: "waived" });
    expect(needs).toContainEqual({ kind: "intel-pck-crl", ca: "processor" });
  });
});
