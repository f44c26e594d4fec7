import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { collateralSetOf } from "../../../src/attestation/collateral/collateral-set.ts";
import type { SnpProduct } from "../../../src/attestation/collateral-need.ts";
import { DEFAULT_GUEST_POLICY } from "../../../src/attestation/snp/guest-policy.ts";
import { parseSnpAttestation } from "../../../src/attestation/snp/snp-attestation.ts";
import { type SnpEvidence, snpEvidenceFromReport } from "../../../src/attestation/snp/snp-evidence.ts";
import type { SnpVerifyOptions } from "../../../src/attestation/snp/snp-options.ts";
import { parseTcb } from "../../../src/attestation/snp/tcb.ts";
import { verifySnp } from "../../../src/attestation/snp/verify-snp.ts";
import { embeddedTrustRoots } from "../../../src/attestation/trust-roots.ts";
import type { Verdict } from "../../../src/attestation/verdict.ts";
import { readCertificates } from "../../../src/pki/x509/read-certificates.ts";
import { rowOf, troubleOf } from "../../fakes/verdict-rows.ts";
import { vectorsFolder } from "../../fakes/vectors.ts";

const FOLDER = vectorsFolder("snp");
const ATLS = vectorsFolder("atls");
const NOTHING = collateralSetOf([]);

function evidenceOf(report: string, ...certificates: readonly string[]): SnpEvidence {
  const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(FOLDER!, name)));
  return snpEvidenceFromReport(
    read(`${report}.report.bin`),
    certificates.flatMap((name) => readCertificates(read(name), name)),
  );
}

/** No list that AMD signed is among the vectors, so revocation is waived unless it is under test. */
function judge(evidence: SnpEvidence, at: string, changes: Partial<SnpVerifyOptions> = {}): Verdict<SnpEvidence> {
  return verifySnp(evidence, NOTHING, {
    at: new Date(at),
    roots: embeddedTrustRoots().amd,
    revocation: "waived",
    expectations: undefined,
    expected: {},
    ...changes,
  });
}

/** Reference values as an owner would write them who has seen this report. */
function expectationsOf({ report }: SnpEvidence, product: SnpProduct, debug = false): SnpVerifyOptions["expectations"] {
  return [
    {
      name: "snp-0",
      source: "ReferenceValues.snp[0]",
      product,
      measurement: report.measurement,
      minimumTcb: parseTcb(report.reportedTcb, product),
      guestPolicy: { ...DEFAULT_GUEST_POLICY, debug },
      platformInfo: undefined,
      allowedChipIds: undefined,
      minimumMitigationVector: undefined,
    },
  ];
}

describe.skipIf(FOLDER === undefined)("verifySnp() of real reports", () => {
  test.each([
    ["milan-v2-a", "milan-v2-a.vcek.der", "2022-09-25", "2029-09-23"],
    ["milan-v2-b", "milan-v2-b.vcek.der", "2023-02-04", "2030-01-23"],
    ["milan-v3-vlek", "milan-v3-vlek.vlek.der", "2024-12-11", "2025-12-09"],
    ["genoa-v3", "genoa-v3.vcek.pem", "2025-01-25", "2032-01-23"],
    ["milan-v3", "milan-v3.vcek.pem", "2025-01-29", "2032-01-27"],
  ])("accepts %s with its certificate for its time, and at no other", (report, certificate, from, to) => {
    const evidence = evidenceOf(report, certificate);
    expect(troubleOf(judge(evidence, from))).toEqual([]);
    expect(judge(evidence, from).outcome).toBe("accepted");
    expect(judge(evidence, to).outcome).toBe("accepted");
    expect(judge(evidence, "2022-01-01").outcome).toBe("rejected");
    const later = judge(evidence, "2040-01-01");
    expect(later.outcome).toBe("rejected");
    expect(troubleOf(later)).toHaveLength(1);
  });

  test("tells a missing revocation list from a refusal", () => {
    const verdict = judge(evidenceOf("genoa-v3", "genoa-v3.vcek.pem"), "2025-06-01", { revocation: "required" });
    expect(verdict.outcome).toBe("unknown");
    expect(rowOf(verdict, "crl")?.code).toBe("snp/crl-missing");
  });

  test("refuses the debug policy of milan-v2-a, and nothing else of it", () => {
    const evidence = evidenceOf("milan-v2-a", "milan-v2-a.vcek.der");
    const refused = judge(evidence, "2023-01-01", { expectations: expectationsOf(evidence, "Milan") });
    expect(troubleOf(refused)).toEqual(["snp-0 policy.debug failed snp/guest-policy-wrong"]);
    const allowed = judge(evidence, "2023-01-01", { expectations: expectationsOf(evidence, "Milan", true) });
    expect(allowed.outcome).toBe("accepted");
  });

  test("accepts the provisional firmware of milan-v2-b", () => {
    const evidence = evidenceOf("milan-v2-b", "milan-v2-b.vcek.der");
    const verdict = judge(evidence, "2023-02-04", { expectations: expectationsOf(evidence, "Milan") });
    expect([verdict.outcome, troubleOf(verdict)]).toEqual(["accepted", []]);
  });

  test("refuses milan-v2-b with the certificate of another chip", () => {
    const verdict = judge(evidenceOf("milan-v2-b", "milan-v2-b.vcek-other-chip.der"), "2023-02-04");
    expect(troubleOf(verdict)).toEqual([
      "authenticity chain.vcek.signature failed pki/signature-invalid",
      "authenticity report.signature failed snp/signature-invalid",
      "authenticity certificate.tcb failed snp/certificate-tcb-wrong",
      "authenticity certificate.chip-id failed snp/certificate-chip-wrong",
    ]);
  });

  test("reads the wrapped hwID of a certificate that it refuses for other reasons", () => {
    const verdict = judge(evidenceOf("milan-v2-b", "milan-v2-b.vcek-wrapped-hwid.der"), "2023-08-18");
    expect(rowOf(verdict, "certificate.extensions")?.outcome).toBe("passed");
    expect(rowOf(verdict, "certificate.chip-id")?.actual).toHaveLength(128);
    expect(verdict.outcome).toBe("rejected");
    expect(rowOf(verdict, "chain.vcek.signature")?.outcome).toBe("failed");
  });

  test("refuses a VLEK for reference values, with that reason", () => {
    const evidence = evidenceOf("milan-v3-vlek", "milan-v3-vlek.vlek.der");
    const verdict = judge(evidence, "2025-01-01", { expectations: expectationsOf(evidence, "Milan") });
    expect(troubleOf(verdict)).toEqual([
      "authenticity signing-key failed snp/vlek-unsupported",
      "snp-0 vmpl failed snp/vmpl-wrong",
    ]);
  });

  test("names the machine where reference values are for another product", () => {
    const evidence = evidenceOf("genoa-v3", "genoa-v3.vcek.pem");
    const verdict = judge(evidence, "2025-06-01", { expectations: expectationsOf(evidence, "Milan") });
    expect(troubleOf(verdict)).toEqual(["snp-0 product failed snp/product-mismatch"]);
    expect(rowOf({ ...verdict, required: [] }, "product")?.reason).toContain("from a Genoa machine");
  });

  test("refuses swapped certificates", () => {
    const swapped = judge(evidenceOf("milan-v2-a", "milan-v2-b.vcek.der"), "2023-02-04");
    expect(troubleOf(swapped)).toEqual([
      "authenticity report.signature failed snp/signature-invalid",
      "authenticity certificate.tcb failed snp/certificate-tcb-wrong",
      "authenticity certificate.chip-id failed snp/certificate-chip-wrong",
    ]);
  });

  test("refuses a certificate of another product line", () => {
    const verdict = judge(evidenceOf("genoa-v3", "milan-v3.vcek.pem"), "2025-06-01");
    expect(verdict.outcome).toBe("rejected");
    for (const id of ["certificate.issuer", "certificate.product", "chain.vcek.issuer-name", "chain.vcek.signature"]) {
      expect(rowOf(verdict, id)?.outcome).toBe("failed");
    }
  });

  test.skipIf(ATLS === undefined).each([
    ["snp-milan-v2-a-chain", "2023-01-01", "accepted"],
    ["snp-milan-v2-a-nochain", "2023-01-01", "unknown"],
    ["snp-genoa-v3-chain", "2025-06-01", "accepted"],
  ] as const)("judges %s", (name, at, outcome) => {
    const evidence = parseSnpAttestation(new Uint8Array(readFileSync(join(ATLS!, `${name}.pb`))));
    expect(judge(evidence, at).outcome).toBe(outcome);
  });
});
