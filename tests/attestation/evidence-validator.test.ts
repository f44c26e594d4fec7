import { describe, expect, test } from "bun:test";
import type { CollateralItem } from "../../src/attestation/collateral-need.ts";
import { collateralSetOf } from "../../src/attestation/collateral/collateral-set.ts";
import { createEvidenceValidator, type EvidenceValidatorOptions } from "../../src/attestation/evidence-validator.ts";
import type { GatherCollateral } from "../../src/attestation/gather-collateral.ts";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import { EVIDENCE_OIDS, type PresentedEvidence } from "../../src/attestation/validator.ts";
import type { Check, Verdict } from "../../src/attestation/verdict.ts";
import { snpExpectations, tdxExpectations } from "../../src/manifest/expectations.ts";
import { AMD_TEST_TIME, amdChip, CHIP_MEASUREMENT } from "../fakes/amd-chip.ts";
import { createIntelPlatform } from "../fakes/intel-platform.ts";
import { changedManifest, type PlainSnp } from "../fakes/plain-manifest.ts";

const chip = amdChip();
const platform = createIntelPlatform({ now: AMD_TEST_TIME });
const REPORT_DATA = new Uint8Array(64).fill(9);
const POLICY = new Uint8Array(32).fill(3);
const signal = new AbortController().signal;

const snpEntry: PlainSnp = {
  MinimumTCB: { BootloaderVersion: 4, TEEVersion: 2, SNPVersion: 24, MicrocodeVersion: 217 },
  ProductName: "Milan",
  TrustedMeasurement: CHIP_MEASUREMENT.toHex(),
};
const manifest = changedManifest((plain) => {
  plain.ReferenceValues = { snp: [snpEntry], tdx: [platform.referenceValues()] };
});

/** Counts how often it is asked, and hands out what the two machines' vendors would. */
function gatherer(items: readonly CollateralItem[]) {
  const asked: string[] = [];
  const gather: GatherCollateral = async (needs, supplied, inspect) => {
    asked.push(...needs.map(({ kind }) => kind));
    const set = collateralSetOf([...supplied, ...items]);
    for (const need of needs) {
      const answer = set.answer(need);
      if (answer.found) inspect(answer.item);
    }
    return set;
  };
  return { asked, gather };
}

function validator(change: Partial<EvidenceValidatorOptions> = {}) {
  const { asked, gather } = gatherer([...chip.collateralItems(), ...platform.collateralItems()]);
  const judge = createEvidenceValidator({
    gather,
    supplied: [],
    at: () => AMD_TEST_TIME,
    roots: { ...embeddedTrustRoots(), amd: chip.authority.roots, intel: platform.root, insecure: true },
    revocation: "required",
    collateral: "required",
    snp: snpExpectations(manifest),
    tdx: tdxExpectations(manifest),
    hostData: POLICY,
    ...change,
  });
  return { asked, judge: async (presented: PresentedEvidence) => await judge(presented, REPORT_DATA, signal) };
}

const snpEvidence = (fields: object = {}): PresentedEvidence => ({
  oid: EVIDENCE_OIDS.snp,
  value: chip.attestation({ reportData: REPORT_DATA, hostData: POLICY, ...fields }),
});
const tdxEvidence = (fields: object = {}): PresentedEvidence => ({
  oid: EVIDENCE_OIDS.tdx,
  value: platform.attestation(REPORT_DATA, { mrConfigId: POLICY, ...fields }),
});

function rows({ required, alternatives }: Verdict<unknown>, outcome: Check["outcome"]): readonly Check[] {
  const groups = [...required, ...(alternatives ?? [])];
  return groups.flatMap(({ checks }) => checks.filter((check) => check.outcome === outcome));
}

describe("createEvidenceValidator()", () => {
  test.each([
    ["snp", snpEvidence()],
    ["tdx", tdxEvidence()],
  ] as const)("accepts evidence of %s that meets a manifest with both kinds", async (tee, presented) => {
    const verdict = await validator().judge(presented);
    expect(rows(verdict, "failed")).toEqual([]);
    expect(verdict.outcome === "accepted" && verdict.evidence.value.tee).toBe(tee);
    expect(verdict.at).toEqual(AMD_TEST_TIME);
    expect(verdict.collateral?.every(({ notAfter }) => notAfter !== undefined)).toBe(true);
  });

  test.each([
    ["snp", snpEvidence({ reportData: new Uint8Array(64) })],
    ["tdx", { oid: EVIDENCE_OIDS.tdx, value: platform.attestation(new Uint8Array(64), { mrConfigId: POLICY }) }],
  ] as const)("refuses evidence of %s for another connection, for that alone", async (_tee, presented) => {
    const verdict = await validator().judge(presented);
    expect([verdict.outcome, rows(verdict, "failed").length]).toEqual(["rejected", 1]);
  });

  test.each([
    ["snp", snpEvidence({ hostData: new Uint8Array(32) })],
    ["tdx", tdxEvidence({ mrConfigId: new Uint8Array(48) })],
  ] as const)("refuses evidence of %s with another policy, for that alone", async (_tee, presented) => {
    const verdict = await validator().judge(presented);
    expect([verdict.outcome, rows(verdict, "failed").length]).toEqual(["rejected", 1]);
  });

  test("accepts any of several policies, and only them", async () => {
    const other = new Uint8Array(32).fill(1);
    const anyOf = validator({ hostData: undefined, hostDataOneOf: [other, POLICY] });
    expect((await anyOf.judge(snpEvidence())).outcome).toBe("accepted");
    const none = validator({ hostData: undefined, hostDataOneOf: [other] });
    expect((await none.judge(snpEvidence())).outcome).toBe("rejected");
  });

  test.each([
    ["snp", { snp: [] }, snpEvidence()],
    ["tdx", { tdx: [] }, tdxEvidence()],
  ] as const)(
    "refuses evidence of %s without reference values for it, and asks no vendor",
    async (_tee, change, presented) => {
      const { judge, asked } = validator(change);
      const verdict = await judge(presented);
      expect(rows(verdict, "failed").map(({ code }) => code)).toEqual(["attestation/no-reference-values"]);
      expect([verdict.outcome, asked]).toEqual(["rejected", []]);
    },
  );

  test.each([
    ["of a message that is cut off", { ...snpEvidence(), value: snpEvidence().value.subarray(0, 100) }, undefined],
    ["of another extension", { oid: "1.3.9901.2.3", value: REPORT_DATA }, "attestation/evidence-unknown"],
    ["of a quote under the number of SNP", { oid: EVIDENCE_OIDS.snp, value: tdxEvidence().value }, undefined],
  ] as const)("makes a refusing verdict %s", async (_name, presented, code) => {
    const verdict = await validator().judge(presented);
    const [row] = rows(verdict, "failed");
    expect([verdict.outcome, row?.id]).toEqual(["rejected", "form"]);
    expect(row?.code).toMatch(code ?? /^snp\//);
  });

  test("could not check without revocation list, and says which was missing", async () => {
    const verdict = await validator(gatherer([])).judge(snpEvidence());
    expect([verdict.outcome, rows(verdict, "failed")]).toEqual(["unknown", []]);
    expect(rows(verdict, "unknown").some(({ reason }) => reason?.includes("/crl"))).toBe(true);
  });

  test("says so where revocation was waived", async () => {
    const verdict = await validator({ ...gatherer([]), revocation: "waived" }).judge(snpEvidence());
    expect([verdict.outcome, rows(verdict, "waived").length > 0]).toEqual(["accepted", true]);
  });

  test("gives the same answer again with what it remembers", async () => {
    const { judge } = validator();
    const [first, second] = [await judge(snpEvidence()), await judge(snpEvidence())];
    expect(second.required).toEqual(first.required);
    expect((await judge(snpEvidence({ measurement: new Uint8Array(48) }))).outcome).toBe("rejected");
    expect((await judge(tdxEvidence())).outcome).toBe((await judge(tdxEvidence())).outcome);
  });

  test("asks for the time at every verification", async () => {
    const times = [AMD_TEST_TIME, new Date("2099-01-01T00:00:00Z")];
    const { judge } = validator({ at: () => times.shift() ?? AMD_TEST_TIME });
    expect((await judge(snpEvidence())).outcome).toBe("accepted");
    expect((await judge(snpEvidence())).outcome).toBe("rejected");
  });
});
