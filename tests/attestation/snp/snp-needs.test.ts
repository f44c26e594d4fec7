import { describe, expect, test } from "bun:test";
import { collateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import { snpNeeds } from "../../../src/attestation/snp/snp-needs.ts";
import type { SnpEvidence } from "../../../src/attestation/snp/snp-evidence.ts";
import type { SnpVerifyOptions } from "../../../src/attestation/snp/snp-options.ts";
import { amdChip, type AmdChip } from "../../fakes/amd-chip.ts";
import { snpExpectationsOf, snpOptionsOf } from "../../fakes/snp-case.ts";

const chip = amdChip();
const MILAN_CRL = "https://kdsintf.amd.com/vcek/v1/Milan/crl";

function urlsOf(evidence: SnpEvidence, changes: Partial<SnpVerifyOptions> = {}, of: AmdChip = chip): readonly string[] {
  return snpNeeds(evidence, snpOptionsOf(of, changes)).map(collateralUrl);
}

describe("snpNeeds()", () => {
  test("asks for VCEK and CRL where the evidence has neither", () => {
    expect(urlsOf(chip.evidence({}, { leaf: false }))).toEqual([
      `https://kdsintf.amd.com/vcek/v1/Milan/${chip.chipId.toHex()}?blSPL=4&teeSPL=2&snpSPL=24&ucodeSPL=217`,
      MILAN_CRL,
    ]);
  });

  test("asks for the reported TCB", () => {
    const evidence = chip.evidence({ reportedTcb: { ...chip.tcb, snp: 7 } }, { leaf: false });
    expect(urlsOf(evidence)[0]).toEndWith("?blSPL=4&teeSPL=2&snpSPL=7&ucodeSPL=217");
  });

  test("asks with the short chip id and the FMC of Turin", () => {
    const turin = amdChip({ product: "Turin" });
    expect(urlsOf(turin.evidence({}, { leaf: false }), {}, turin)).toEqual([
      "https://kdsintf.amd.com/vcek/v1/Turin/a0a1a2a3a4a5a6a7?fmcSPL=1&blSPL=4&teeSPL=2&snpSPL=24&ucodeSPL=217",
      "https://kdsintf.amd.com/vcek/v1/Turin/crl",
    ]);
  });

  test("asks for no VCEK that came along", () => {
    expect(urlsOf(chip.evidence())).toEqual([MILAN_CRL]);
  });

  test("asks for no VCEK of a masked chip", () => {
    expect(urlsOf(chip.evidence({ chipId: new Uint8Array(64) }, { leaf: false }))).toEqual([MILAN_CRL]);
  });

  test("asks for no VLEK, but for the CRL of VLEKs", () => {
    const evidence = chip.evidence({ signingKey: "VLEK" }, { leaf: false });
    expect(urlsOf(evidence)).toEqual(["https://kdsintf.amd.com/vlek/v1/Milan/crl"]);
  });

  test("asks for no CRL that came along and can be used", () => {
    expect(urlsOf(chip.evidence({}, { crl: chip.authority.crl() }))).toEqual([]);
  });

  test.each([
    ["has expired", chip.authority.crl({ nextUpdate: new Date("2025-05-31") })],
    ["is of the future", chip.authority.crl({ thisUpdate: new Date("2025-06-02") })],
    ["has another signer", chip.authority.crl({ signer: chip.authority.ask })],
    ["cannot be read", Uint8Array.of(1, 2, 3)],
  ])("asks for a CRL where the one of the evidence %s", (_, crl) => {
    expect(urlsOf(chip.evidence({}, { crl }))).toEqual([MILAN_CRL]);
  });

  test("asks for no CRL where revocation is waived", () => {
    expect(urlsOf(chip.evidence(), { revocation: "waived" })).toEqual([]);
  });

  test("asks for every product that a report of version 2 may be from", () => {
    const evidence = chip.evidence({ version: 2 }, { leaf: false, product: null });
    const expectations = (["Milan", "Genoa", "Milan"] as const).map((product) => snpExpectationsOf(chip, { product }));
    expect(urlsOf(evidence, { expectations, revocation: "waived" }).map((url) => url.split("/")[5])).toEqual([
      "Milan",
      "Genoa",
    ]);
  });

  test("asks for nothing where nothing could help", () => {
    expect(urlsOf(chip.evidence({ signerInfo: 28 }, { leaf: false }))).toEqual([]);
    expect(urlsOf(chip.evidence({ cpuid: [0, 0, 0] }, { leaf: false }))).toEqual([]);
    expect(urlsOf(chip.evidence({ version: 2 }, { leaf: false, product: null }), { expectations: undefined })).toEqual(
      [],
    );
  });
});
