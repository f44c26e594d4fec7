import { describe, expect, test } from "bun:test";
import type { CollateralNeed } from "../../../src/attestation/collateral-need.ts";
import { collateralUrl, parseCollateralUrl } from "../../../src/attestation/collateral/collateral-url.ts";
import { NEEDS } from "../../fakes/collateral-items.ts";

const TCB = { fmc: undefined, bootloader: 3, tee: 0, snp: 8, microcode: 209 };

const CASES: readonly (readonly [string, CollateralNeed])[] = [
  [`https://kdsintf.amd.com/vcek/v1/Milan/${"5c".repeat(64)}?blSPL=3&teeSPL=0&snpSPL=8&ucodeSPL=209`, NEEDS.vcek],
  [
    `https://kdsintf.amd.com/vcek/v1/Genoa/${"0f".repeat(64)}?blSPL=10&teeSPL=0&snpSPL=23&ucodeSPL=84`,
    {
      kind: "amd-vcek",
      product: "Genoa",
      chipIdHex: "0f".repeat(64),
      tcb: { fmc: undefined, bootloader: 10, tee: 0, snp: 23, microcode: 84 },
    },
  ],
  [
    "https://kdsintf.amd.com/vcek/v1/Turin/00112233445566ff?fmcSPL=1&blSPL=3&teeSPL=0&snpSPL=8&ucodeSPL=209",
    { kind: "amd-vcek", product: "Turin", chipIdHex: "00112233445566ff", tcb: { ...TCB, fmc: 1 } },
  ],
  ["https://kdsintf.amd.com/vcek/v1/Milan/cert_chain", NEEDS.chain],
  ["https://kdsintf.amd.com/vlek/v1/Genoa/cert_chain", { kind: "amd-chain", product: "Genoa", signingKey: "VLEK" }],
  ["https://kdsintf.amd.com/vcek/v1/Milan/crl", NEEDS.crl],
  ["https://kdsintf.amd.com/vlek/v1/Turin/crl", { kind: "amd-crl", product: "Turin", signingKey: "VLEK" }],
  ["https://api.trustedservices.intel.com/tdx/certification/v4/tcb?fmspc=50806f000000", NEEDS.tcbInfo],
  ["https://api.trustedservices.intel.com/tdx/certification/v4/qe/identity", NEEDS.qeIdentity],
  ["https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der", NEEDS.pckCrl],
  [
    "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=processor&encoding=der",
    { kind: "intel-pck-crl", ca: "processor" },
  ],
  ["https://certificates.trustedservices.intel.com/IntelSGXRootCA.der", NEEDS.rootCrl],
];

describe("collateralUrl()", () => {
  test.each(CASES)("gives %s", (url, need) => {
    expect(collateralUrl(need)).toBe(url);
  });
});

describe("parseCollateralUrl()", () => {
  test.each(CASES)("reads %s", (url, need) => {
    expect(parseCollateralUrl(url)).toEqual(need);
  });

  const vcek = collateralUrl(NEEDS.vcek);
  test.each([
    "",
    "https://kdsintf.amd.com/",
    "http://kdsintf.amd.com/vcek/v1/Milan/crl",
    "https://kdsintf.amd.com.example/vcek/v1/Milan/crl",
    "https://kdsintf.amd.com/vcek/v1/Rome/crl",
    "https://kdsintf.amd.com/vcek/v1/constructor/crl",
    "https://kdsintf.amd.com/vcek/v1/Milan/crl?x=1",
    "https://kdsintf.amd.com/vcek/v2/Milan/crl",
    vcek.replace("5c5c", "5C5C"),
    vcek.replace("5c5c", ""),
    vcek.replace("blSPL=3", "blSPL=03"),
    vcek.replace("ucodeSPL=209", "ucodeSPL=256"),
    vcek.replace("blSPL", "fmcSPL=1&blSPL"),
    vcek.replace("Milan", "Turin"),
    vcek.replace("/vcek/", "/vlek/"),
    "https://api.trustedservices.intel.com/tdx/certification/v4/tcb?fmspc=50806F000000",
    "https://api.trustedservices.intel.com/sgx/certification/v4/tcb?fmspc=50806f000000",
    "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?encoding=der&ca=platform",
    "https://certificates.trustedservices.intel.com/IntelSGXRootCA.crl",
  ])("takes %s for nothing", (url) => {
    expect(parseCollateralUrl(url)).toBeUndefined();
  });
});
