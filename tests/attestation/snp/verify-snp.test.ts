import { describe, expect, test } from "bun:test";
import { DEFAULT_GUEST_POLICY } from "../../../src/attestation/snp/guest-policy.ts";
import { parsePlatformInfo } from "../../../src/attestation/snp/platform-info.ts";
import { derBoolean } from "../../../src/pki/der-writer.ts";
import { amdAuthority } from "../../fakes/amd-authority.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { extension } from "../../fakes/certificate-builder.ts";
import { codeOf } from "../../fakes/error-code.ts";
import { judgeSnp, type SnpCase, snpExpectationsOf, snpWith } from "../../fakes/snp-case.ts";
import { causesOf, failedOf, rowOf, troubleOf } from "../../fakes/verdict-rows.ts";

const chip = amdChip();
const { authority, tcb } = chip;
const { report, vcek, wants } = snpWith(chip);

const strangeArk = amdAuthority("Milan", "strange");
const turin = amdChip({ product: "Turin" });
const highTcb = { fmc: undefined, bootloader: 9, tee: 9, snp: 99, microcode: 250 };

/** Cases in which exactly one thing could not be checked. */
const UNKNOWN: readonly (readonly [name: string, row: string, make: () => SnpCase])[] = [
  [
    "a VCEK that nobody has",
    "authenticity certificate unknown snp/vcek-missing",
    () => ({ evidence: chip.evidence({}, { leaf: false }) }),
  ],
  [
    "a masked chip id without VCEK",
    "authenticity certificate unknown snp/chip-id-masked",
    () => ({ evidence: chip.evidence({ chipId: new Uint8Array(64) }, { leaf: false }) }),
  ],
  [
    "a VLEK that did not come along",
    "authenticity certificate unknown snp/vlek-missing",
    () => ({ evidence: chip.evidence({ signingKey: "VLEK" }, { leaf: false }), options: { expectations: undefined } }),
  ],
  ["a missing CRL", "authenticity crl unknown snp/crl-missing", () => ({ crl: null })],
  [
    "an expired CRL",
    "authenticity crl.next-update unknown pki/crl-expired",
    () => ({ crl: authority.crl({ nextUpdate: new Date("2025-05-31") }) }),
  ],
  [
    "a CRL of the future",
    "authenticity crl.this-update unknown pki/crl-not-yet-valid",
    () => ({ crl: authority.crl({ thisUpdate: new Date("2025-06-02") }) }),
  ],
  [
    "a CRL without end",
    "authenticity crl.next-update unknown pki/crl-expired",
    () => ({ crl: authority.crl({ parts: { nextUpdate: new Uint8Array() } }) }),
  ],
  ["a CRL that cannot be read", "authenticity crl unknown snp/crl-unreadable", () => ({ crl: Uint8Array.of(0x30, 0) })],
  [
    "version 2 without any product",
    "authenticity product unknown snp/product-undetermined",
    () => ({
      evidence: chip.evidence({ version: 2 }, { leaf: false, product: null }),
      options: { expectations: undefined },
    }),
  ],
];

/** Ordinary and odd cases that are accepted. */
const ACCEPTED: readonly (readonly [name: string, make: () => SnpCase])[] = [
  ["an ordinary report", () => ({})],
  ["Genoa", () => ({ chip: amdChip({ product: "Genoa" }) })],
  ["Turin", () => ({ chip: turin })],
  [
    "Turin with a chip id of 8 bytes from AMD's service",
    () => ({ chip: turin, evidence: turin.evidence({}, { leaf: false }), hasVcek: true }),
  ],
  ["a VCEK from AMD's service", () => ({ evidence: chip.evidence({}, { leaf: false }), hasVcek: true })],
  ["a masked chip id with VCEK", () => report({ chipId: new Uint8Array(64) })],
  ["a wrapped hwID", () => vcek({ hwId: Uint8Array.of(4, 64, ...chip.chipId) })],
  ["a productName without stepping", () => vcek({ productName: "Milan" })],
  ["a wrong stepping", () => vcek({ productName: "Milan-B7" })],
  [
    "an unknown extension that is not critical",
    () => vcek({ editExtensions: (all) => [...all, extension("1.2.3.4", derBoolean(true))] }),
  ],
  ["version 2 with a product in the message", () => ({ evidence: chip.evidence({ version: 2 }) })],
  ["version 2 with a product in the VCEK", () => ({ evidence: chip.evidence({ version: 2 }, { product: null }) })],
  [
    "version 2 with a product in the reference values",
    () => ({ evidence: chip.evidence({ version: 2 }, { product: null, leaf: false }), hasVcek: true }),
  ],
  [
    "version 2 from the product for which AMD's service has a VCEK",
    () => ({
      evidence: chip.evidence({ version: 2 }, { product: null, leaf: false }),
      hasVcek: true,
      options: { expectations: [snpExpectationsOf(chip, { product: "Genoa" }), snpExpectationsOf(chip)] },
    }),
  ],
  ["versions 4 and 5", () => report({ version: 5, launchMitVector: 1n })],
  ["provisional firmware", () => report({ currentTcb: highTcb, currentVersion: [1, 56, 40] })],
  ["a TCB above the minimum", () => wants({ minimumTcb: { ...tcb, snp: 1 } })],
  [
    "a VLEK without reference values",
    () => ({
      ...report({ signingKey: "VLEK", vmpl: 1, chipId: new Uint8Array(64) }),
      options: { expectations: undefined },
    }),
  ],
  ["a CRL in the evidence", () => ({ evidence: chip.evidence({}, { crl: authority.crl() }), crl: null })],
  [
    "an old CRL in the evidence beside a current one",
    () => ({ evidence: chip.evidence({}, { crl: authority.crl({ nextUpdate: new Date("2025-02-01") }) }) }),
  ],
  [
    "a foreign CRL in the evidence beside a genuine one",
    () => ({ evidence: chip.evidence({}, { crl: strangeArk.crl({ revoked: ["ask"] }) }) }),
  ],
  ["another certificate than the ASK on the CRL", () => ({ crl: authority.crl({ revoked: ["asvk"] }) })],
  ["waived revocation", () => ({ crl: null, options: { revocation: "waived" } })],
  [
    "foreign ASK and ARK in the evidence",
    () => ({
      evidence: {
        ...chip.evidence(),
        endorsements: { ...chip.evidence().endorsements, ask: strangeArk.askDer, ark: strangeArk.arkDer },
      },
    }),
  ],
  [
    "report data and host data as expected",
    () => ({
      ...report({ reportData: new Uint8Array(64).fill(1), hostData: new Uint8Array(32).fill(2) }),
      options: {
        expected: {
          reportData: new Uint8Array(64).fill(1),
          hostData: new Uint8Array(32).fill(2),
          hostDataOneOf: [new Uint8Array(32), new Uint8Array(32).fill(2)],
        },
      },
    }),
  ],
  ["a listed chip", () => wants({ allowedChipIds: [new Uint8Array(64).fill(9), chip.chipId] })],
  ["an empty list of chips", () => wants({ allowedChipIds: [] })],
  ["platform bits as expected", () => wants({ platformInfo: parsePlatformInfo(0x25n) })],
  ["more than the platform must have", () => wants({ platformInfo: parsePlatformInfo(1n) })],
  ["unknown platform bits where nothing is expected", () => report({ platformInfo: 0xffffff00n })],
  [
    "mitigations as expected",
    () => wants({ minimumMitigationVector: 6n }, { version: 5, launchMitVector: 7n, currentMitVector: 6n }),
  ],
  [
    "a policy as strict as expected",
    () =>
      wants(
        { guestPolicy: { ...DEFAULT_GUEST_POLICY, smt: false, singleSocket: true, raplDis: true } },
        { policy: 0x920000n },
      ),
  ],
  ["a policy that demands more", () => report({ policy: 0x3d201ffn })],
  [
    "a second entry that fits",
    () => ({ options: { expectations: [snpExpectationsOf(chip, { product: "Genoa" }), snpExpectationsOf(chip)] } }),
  ],
];

describe("verifySnp()", () => {
  test.each(ACCEPTED)("accepts %s", (_, make) => {
    const verdict = judgeSnp(make());
    expect([verdict.outcome, verdict.outcome === "accepted" ? [] : troubleOf(verdict)]).toEqual(["accepted", []]);
  });

  test.each(UNKNOWN)("cannot check %s", (_, row, make) => {
    const verdict = judgeSnp(make());
    expect([causesOf(verdict), verdict.outcome]).toEqual([[row], "unknown"]);
  });

  test("has the same rows whether or not it can make a check", () => {
    const idsOf = (snpCase: SnpCase): readonly string[] =>
      judgeSnp(snpCase)
        .required[0]!.checks.map(({ id }) => id)
        .filter((id) => !id.startsWith("chain") && id !== "certificate.encoding");
    const ids = idsOf({});
    expect(new Set(ids).size).toBe(ids.length);
    expect(idsOf({ crl: null })).toEqual(ids);
    expect(idsOf({ options: { revocation: "waived" } })).toEqual(ids);
    expect(idsOf({ evidence: chip.evidence({}, { leaf: false }) })).toEqual(ids);
    expect(idsOf({ evidence: chip.evidence({ cpuid: [0, 0, 0] }) })).toEqual(ids);
  });

  test("never shows as good what it did not check", () => {
    const verdict = judgeSnp({ evidence: chip.evidence({ cpuid: [0, 0, 0] }), crl: null });
    const good = verdict.required[0]!.checks.filter(({ outcome }) => outcome === "passed").map(({ id }) => id);
    expect(good).toEqual(["signing-key", "certificate", "report.signature-algorithm", "report.signature-form"]);
  });

  test("does not take an ASK for good that an old or foreign list leaves out", () => {
    const revocationOf = (crl: Uint8Array): unknown => rowOf(judgeSnp({ crl }), "revocation")?.outcome;
    expect(revocationOf(authority.crl({ nextUpdate: new Date("2025-05-31") }))).toBe("unknown");
    expect(revocationOf(authority.crl({ signer: authority.ask }))).toBe("unknown");
    expect(revocationOf(authority.crl({ signer: authority.ask, revoked: ["ask"] }))).toBe("unknown");
    expect(revocationOf(authority.crl())).toBe("passed");
  });

  test("marks waived revocation in every row about it", () => {
    const { required } = judgeSnp({ options: { revocation: "waived" } });
    const waived = required[0]!.checks.filter(({ outcome }) => outcome === "waived").map(({ id }) => id);
    expect(waived).toContain("revocation");
    expect(waived.filter((id) => id.startsWith("crl"))).toHaveLength(8);
  });

  test("names the manifest key and the actual number of a minimum that is missed", () => {
    const verdict = judgeSnp(wants({ minimumTcb: { ...tcb, microcode: 255 } }));
    const row = rowOf(verdict, "tcb.microcode");
    expect([row?.source, row?.actual]).toEqual([
      "ReferenceValues.snp[0].MinimumTCB.MicrocodeVersion",
      String(tcb.microcode),
    ]);
    expect(row?.remedy).toContain("lower the minimum");
  });

  test("says that the chip id is masked, and compares nothing then", () => {
    const masked = judgeSnp(report({ chipId: new Uint8Array(64) }));
    expect(rowOf(masked, "certificate.chip-id")?.outcome).toBe("not-judged");
  });

  test("shows the TCB of the machine in its own layout, whatever the reference values are for", () => {
    const expectations = [snpExpectationsOf(chip)];
    const verdict = judgeSnp({ chip: turin, options: { expectations } });
    expect(failedOf(verdict)).toEqual(["snp-0-MILAN product failed snp/product-mismatch"]);
    expect(rowOf(verdict, "tcb.bootloader")?.actual).toBe("4");
  });

  test("judges host data once where only a list is expected", () => {
    const { required } = judgeSnp({ options: { expected: { hostDataOneOf: [new Uint8Array(32)] } } });
    expect(required[1]?.checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      "report-data not-judged",
      "host-data.one-of passed",
    ]);
  });

  test("accepts nothing for an empty list of reference values", () => {
    expect(judgeSnp({ options: { expectations: [] } }).outcome).toBe("rejected");
  });

  test("gives the evidence only where it accepts it", () => {
    const evidence = chip.evidence();
    const verdict = judgeSnp({ evidence });
    expect(verdict.outcome === "accepted" && verdict.evidence.value).toBe(evidence);
    expect("evidence" in judgeSnp(report({ vmpl: 1 }))).toBe(false);
  });

  test.each([0, 1, 47, 49])("refuses to be asked for a measurement of %d bytes", (size) => {
    const measurement = new Uint8Array(size);
    expect(codeOf(() => judgeSnp(wants({ measurement })))).toBe("lib/internal");
  });

  test.each([
    { reportData: new Uint8Array() },
    { reportData: new Uint8Array(63) },
    { hostData: new Uint8Array() },
    { hostDataOneOf: [new Uint8Array(32), new Uint8Array()] },
  ])("refuses to be asked for bytes of a wrong size (%#)", (expected) => {
    expect(codeOf(() => judgeSnp({ options: { expected } }))).toBe("lib/internal");
    expect(codeOf(() => judgeSnp(wants({ allowedChipIds: [new Uint8Array()] })))).toBe("lib/internal");
  });
});
