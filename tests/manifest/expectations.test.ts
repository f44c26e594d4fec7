import { describe, expect, test } from "bun:test";
import { snpExpectations, tdxExpectations } from "../../src/manifest/expectations.ts";
import { unjudgedReferenceValues } from "../../src/manifest/unjudged-reference-values.ts";
import { codeOf } from "../fakes/error-code.ts";
import { changedManifest, type PlainSnp } from "../fakes/plain-manifest.ts";

const withSnp = (change: (entry: PlainSnp) => void) =>
  changedManifest((manifest) => change(manifest.ReferenceValues.snp![0]!));

const TDX = {
  MrTd: "01".repeat(48),
  Rtrms: ["02", "03", "04", "05"].map((byte) => byte.repeat(48)),
  MinimumQeSvn: 6,
  MinimumPceSvn: 7,
  MinimumTeeTcbSvn: "08".repeat(16),
  MrSeam: "09".repeat(48),
  TdAttributes: "0A".repeat(8),
  Xfam: "0B".repeat(8),
};
const withTdx = (change: Readonly<Record<string, unknown>>) =>
  changedManifest((manifest) => {
    manifest.ReferenceValues = { tdx: [{ ...TDX, ...change }] };
  });

describe("snpExpectations()", () => {
  test("demands what an entry of version 1.4 says", () => {
    expect(snpExpectations(changedManifest(() => {}))).toEqual([
      {
        name: "snp-0-MILAN",
        source: "ReferenceValues.snp[0]",
        product: "Milan",
        measurement: Uint8Array.fromHex(
          "beee79ca916b9e5dc59602788cbfb097721cde34943e1583a3918f21011a71c47f371f68e883f5e474a6d4053d931a35",
        ),
        minimumTcb: { fmc: undefined, bootloader: 3, tee: 0, snp: 8, microcode: 115 },
        guestPolicy: undefined,
        platformInfo: undefined,
        allowedChipIds: undefined,
        minimumMitigationVector: undefined,
      },
    ]);
  });

  test("demands what later members say, in any letter case", () => {
    const manifest = withSnp((entry) => {
      entry["GuestPolicy"] = { ABIMinor: 31, ABIMajor: 1, SMT: true, cxlAllowed: true, MemAES256XTS: true };
      entry["PlatformInfo"] = { SMTEnabled: true, TIOEnabled: true };
      entry["AllowedChipIDs"] = ["0C".repeat(64)];
      entry["MinimumMitigationVector"] = 5;
    });
    const [expected] = snpExpectations(manifest);
    expect(expected?.guestPolicy).toEqual({
      abiMinor: 31,
      abiMajor: 1,
      smt: true,
      migrateMa: false,
      debug: false,
      singleSocket: false,
      cxlAllow: true,
      memAes256Xts: true,
      raplDis: false,
      ciphertextHidingDram: false,
      pageSwapDisable: false,
    });
    expect(expected?.platformInfo).toMatchObject({ smtEnabled: true, tsmeEnabled: false, tioEnabled: true });
    expect(expected?.allowedChipIds).toEqual([new Uint8Array(64).fill(12)]);
    expect(expected?.minimumMitigationVector).toBe(5n);
  });

  test.each<[string, (entry: PlainSnp) => void, string]>([
    ["an empty measurement", (entry) => (entry.TrustedMeasurement = ""), "manifest/value-invalid"],
    ["a short measurement", (entry) => (entry.TrustedMeasurement = "00"), "manifest/value-invalid"],
    ["an unknown product", (entry) => (entry.ProductName = "Turin"), "manifest/product-unknown"],
    ["no minimum", (entry) => (entry.MinimumTCB["SNPVersion"] = null), "manifest/value-missing"],
    ["a chip of another length", (entry) => (entry["AllowedChipIDs"] = [""]), "manifest/value-invalid"],
    ["a bit that is a text", (entry) => (entry["PlatformInfo"] = { TIOEnabled: "yes" }), "manifest/value-invalid"],
    ["a vector that is negative", (entry) => (entry["MinimumMitigationVector"] = -1), "manifest/value-invalid"],
    ["a vector that is no integer", (entry) => (entry["MinimumMitigationVector"] = 1.5), "manifest/value-invalid"],
  ])("makes no expectation of %s", (_, change, code) => {
    expect(codeOf(() => snpExpectations(withSnp(change)))).toBe(code);
  });
});

describe("tdxExpectations()", () => {
  test.each(["Rtrms", "Rtmrs"])("demands what an entry says, its registers named %s", (name) => {
    const manifest = withTdx({ Rtrms: undefined, [name]: TDX.Rtrms });
    expect(tdxExpectations(manifest)).toEqual([
      {
        name: "tdx-0",
        source: "ReferenceValues.tdx[0]",
        mrTd: new Uint8Array(48).fill(1),
        rtmrsKey: name as "Rtrms" | "Rtmrs",
        rtmrs: [2, 3, 4, 5].map((byte) => new Uint8Array(48).fill(byte)) as never,
        minimumQeSvn: 6,
        minimumPceSvn: 7,
        minimumTeeTcbSvn: new Uint8Array(16).fill(8),
        mrSeam: new Uint8Array(48).fill(9),
        tdAttributes: new Uint8Array(8).fill(10),
        xfam: new Uint8Array(8).fill(11),
      },
    ]);
  });

  test.each([
    [{ MrTd: "" }, "manifest/value-invalid"],
    [{ Rtrms: TDX.Rtrms.slice(1) }, "manifest/value-invalid"],
    [{ MinimumTeeTcbSvn: "" }, "manifest/value-invalid"],
    [{ MrSeam: "" }, "manifest/value-invalid"],
    [{ TdAttributes: "" }, "manifest/value-invalid"],
    [{ Xfam: "" }, "manifest/value-invalid"],
    [{ MinimumQeSvn: null }, "manifest/value-missing"],
    [{ MinimumPceSvn: null }, "manifest/value-missing"],
  ])("makes no expectation of %p", (change, code) => {
    expect(codeOf(() => tdxExpectations(withTdx(change)))).toBe(code);
  });
});

describe("unjudgedReferenceValues()", () => {
  test("names members that nothing checks, and none that something does", () => {
    const manifest = changedManifest(({ ReferenceValues }) => {
      const entry = ReferenceValues.snp![0]!;
      Object.assign(entry, { Platform: "x", MinimumMitigationVector: 1, MinimumFoo: 1 });
      entry.MinimumTCB["FMC"] = 1;
      entry["GuestPolicy"] = { CXLAllowed: true, NewBit: true };
      entry["PlatformInfo"] = { TIOEnabled: true, NewBit: true };
      ReferenceValues.tdx = [{ ...TDX, Platform: "x", AllowedPIIDs: [] }];
      ReferenceValues["sev"] = [];
    });
    expect(unjudgedReferenceValues(manifest)).toEqual([
      "ReferenceValues.sev",
      "ReferenceValues.snp[0].MinimumFoo",
      "ReferenceValues.snp[0].MinimumTCB.FMC",
      "ReferenceValues.snp[0].GuestPolicy.NewBit",
      "ReferenceValues.snp[0].PlatformInfo.NewBit",
      "ReferenceValues.tdx[0].AllowedPIIDs",
    ]);
  });
});
