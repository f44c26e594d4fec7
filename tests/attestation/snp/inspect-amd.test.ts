import { describe, expect, test } from "bun:test";
import type { SnpProduct, TcbVersion } from "../../../src/attestation/collateral-need.ts";
import { inspectAmdCollateral } from "../../../src/attestation/snp/inspect-amd.ts";
import { amdAuthority, type LeafOptions } from "../../fakes/amd-authority.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { codeOf } from "../../fakes/error-code.ts";

const chip = amdChip();
const { authority } = chip;
const strange = amdAuthority("Milan", "strange");
const pem = (text: string): Uint8Array => new TextEncoder().encode(text);

const vcekNeed = (changes: { product?: SnpProduct; chipIdHex?: string; tcb?: TcbVersion } = {}) =>
  ({ kind: "amd-vcek", product: "Milan", chipIdHex: chip.chipId.toHex(), tcb: chip.tcb, ...changes }) as const;
const crlNeed = { kind: "amd-crl", product: "Milan", signingKey: "VCEK" } as const;
const chainNeed = { kind: "amd-chain", product: "Milan", signingKey: "VCEK" } as const;

/** The code for a VCEK that differs from the one that was asked for. */
const vcekCode = (leaf: Partial<LeafOptions>, need = vcekNeed()): string =>
  codeOf(() => inspectAmdCollateral(need, chip.certificate(leaf), authority.roots));

describe("inspectAmdCollateral()", () => {
  test("tells when a VCEK is valid, whatever the time", () => {
    expect(inspectAmdCollateral(vcekNeed(), chip.vcekDer, authority.roots)).toEqual({
      notBefore: new Date("2024-01-01"),
      notAfter: new Date("2031-01-01"),
    });
    const old = chip.certificate({ notAfter: new Date("2024-02-01") });
    expect(inspectAmdCollateral(vcekNeed(), old, authority.roots).notAfter).toEqual(new Date("2024-02-01"));
  });

  test("reads the VCEK of Turin", () => {
    const turin = amdChip({ product: "Turin" });
    const [{ need, body }] = turin.collateralItems() as [ReturnType<typeof turin.collateralItems>[number]];
    expect(codeOf(() => inspectAmdCollateral(need as never, body, turin.authority.roots))).toStartWith("no error");
  });

  test("refuses a VCEK that is not the one that was asked for", () => {
    expect(vcekCode({}, vcekNeed({ chipIdHex: "00".repeat(64) }))).toBe("snp/collateral-wrong");
    expect(vcekCode({}, vcekNeed({ tcb: { ...chip.tcb, snp: 1 } }))).toBe("snp/collateral-wrong");
    expect(vcekCode({}, vcekNeed({ product: "Genoa" }))).toBe("snp/collateral-wrong");
    expect(vcekCode({ signer: strange.ask })).toBe("snp/collateral-wrong");
    expect(vcekCode({ hwId: undefined })).toBe("snp/collateral-wrong");
    expect(vcekCode({ productName: "Genoa-B1" })).toBe("snp/collateral-wrong");
    expect(vcekCode({ signingKey: "VLEK" })).toBe("snp/collateral-wrong");
  });

  test("refuses what is no certificate", () => {
    for (const body of [new Uint8Array(), pem("<html>"), chip.vcekDer.subarray(1), Uint8Array.of(...chip.vcekDer, 0)]) {
      expect(codeOf(() => inspectAmdCollateral(vcekNeed(), body, authority.roots))).toBe("snp/collateral-wrong");
    }
  });

  test("tells when a CRL is valid, whatever the time", () => {
    const crl = authority.crl({ thisUpdate: new Date("2020-01-01"), nextUpdate: new Date("2020-02-01") });
    expect(inspectAmdCollateral(crlNeed, crl, authority.roots)).toEqual({
      notBefore: new Date("2020-01-01"),
      notAfter: new Date("2020-02-01"),
    });
  });

  test("refuses a CRL that the ARK did not sign, and one that never ends", () => {
    const codeFor = (crl: Uint8Array): string => codeOf(() => inspectAmdCollateral(crlNeed, crl, authority.roots));
    expect(codeFor(strange.crl())).toBe("snp/collateral-wrong");
    expect(codeFor(authority.crl({ signer: authority.ask }))).toBe("snp/collateral-wrong");
    expect(codeFor(authority.crl({ parts: { nextUpdate: new Uint8Array() } }))).toBe("snp/collateral-wrong");
    expect(codeFor(new Uint8Array())).toBe("pki/crl-invalid");
  });

  test("knows the certificate chains of the roots", () => {
    for (const signingKey of ["VCEK", "VLEK"] as const) {
      const body = pem(authority.chainPem(signingKey));
      expect(inspectAmdCollateral({ ...chainNeed, signingKey }, body, authority.roots)).toEqual({
        notBefore: new Date("2020-10-22T17:23:05Z"),
        notAfter: new Date("2045-10-22T17:23:05Z"),
      });
    }
  });

  test("refuses other chains", () => {
    const codeFor = (text: string): string => codeOf(() => inspectAmdCollateral(chainNeed, pem(text), authority.roots));
    expect(codeFor(authority.chainPem("VLEK"))).toBe("snp/collateral-wrong");
    expect(codeFor(strange.chainPem("VCEK"))).toBe("snp/collateral-wrong");
    expect(codeFor(authority.chainPem("VCEK").slice(0, authority.chainPem("VCEK").indexOf("-----END") + 26))).toBe(
      "snp/collateral-wrong",
    );
    expect(codeFor(authority.rootsPem)).toStartWith("pki/");
  });
});
