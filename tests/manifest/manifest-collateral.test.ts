import { describe, expect, test } from "bun:test";
import { collateralUrl } from "../../src/attestation/collateral/collateral-url.ts";
import { manifestCollateral } from "../../src/manifest/manifest-collateral.ts";
import { changedManifest, type PlainManifest, type PlainSnp } from "../fakes/plain-manifest.ts";

/** Source and address of each piece. */
function piecesOf(change: (manifest: PlainManifest, snp: PlainSnp) => void): readonly string[] {
  const manifest = changedManifest((plain) => change(plain, plain.ReferenceValues.snp![0]!));
  return manifestCollateral(manifest).map(({ need, source }) => `${source} ${collateralUrl(need)}`);
}

const KDS = "https://kdsintf.amd.com/vcek/v1";
const LINE = [`${KDS}/Milan/cert_chain`, `${KDS}/Milan/crl`].map((url) => `ReferenceValues.snp[0] ${url}`);
const CHIP = "AB".repeat(64);
const VCEK = `ReferenceValues.snp[0] ${KDS}/Milan/${"ab".repeat(64)}?blSPL=3&teeSPL=0&snpSPL=8&ucodeSPL=115`;

describe("manifestCollateral()", () => {
  test("names chain and CRL of each product line", () => {
    expect(piecesOf(() => {})).toEqual(LINE);
    const genoa = piecesOf((_, snp) => (snp.ProductName = "Genoa"));
    expect(genoa).toEqual(LINE.map((piece) => piece.replace("Milan", "Genoa")));
  });

  test("names the VCEK of each allowed chip at the minimum TCB", () => {
    expect(piecesOf((_, snp) => (snp["AllowedChipIDs"] = [CHIP]))).toEqual([...LINE, VCEK]);
  });

  test("says nothing of chips while the minimum TCB is open, or of ids that are none", () => {
    const open = piecesOf((_, snp) => {
      snp["AllowedChipIDs"] = [CHIP];
      snp.MinimumTCB["SNPVersion"] = null;
    });
    expect(open).toEqual(LINE);
    expect(piecesOf((_, snp) => (snp["AllowedChipIDs"] = ["AB", "zz".repeat(64)]))).toEqual(LINE);
  });

  test("says nothing of lines that it does not know", () => {
    expect(piecesOf((_, snp) => (snp.ProductName = "constructor"))).toEqual([]);
    expect(piecesOf(({ ReferenceValues }) => delete ReferenceValues.snp)).toEqual([]);
  });

  test("names what all TDX machines need", () => {
    const pieces = piecesOf(({ ReferenceValues }) => {
      delete ReferenceValues.snp;
      ReferenceValues.tdx = [{}];
    });
    expect(pieces).toEqual([
      "ReferenceValues.tdx[0] https://api.trustedservices.intel.com/tdx/certification/v4/qe/identity",
      "ReferenceValues.tdx[0] https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
      "ReferenceValues.tdx[0] https://certificates.trustedservices.intel.com/IntelSGXRootCA.der",
    ]);
  });
});
