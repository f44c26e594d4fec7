import { describe, expect, test } from "bun:test";
import { parseManifest } from "../../src/manifest/manifest-json.ts";
import { requireValidManifest, validateManifest } from "../../src/manifest/validate-manifest.ts";
import { codeOf } from "../fakes/error-code.ts";
import { aksManifestText } from "../fakes/manifests.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- parsed JSON that each case spoils in another place
type Change = (manifest: any) => void;

/** Findings about the valid AKS manifest after one change, as `code path`. */
function findingsAfter(change: Change): { errors: string[]; missing: string[] } {
  const json = JSON.parse(aksManifestText());
  change(json);
  const manifest = parseManifest(new TextEncoder().encode(JSON.stringify(json)), "manifest");
  const { errors, missing } = validateManifest(manifest);
  return {
    errors: errors.map(({ code, path }) => `${code} ${path}`),
    missing: missing.map(({ path }) => `${path}`),
  };
}

const hash = "1e3ea6613cde1866c7f33844c4a2523a92a16ddc801470d9ee28e570e61296bd";
const tdxEntry = {
  MrTd: "ab".repeat(48),
  Rtrms: ["ab".repeat(48), "ab".repeat(48), "ab".repeat(48), "00".repeat(48)],
  MinimumQeSvn: 0,
  MinimumPceSvn: 0,
  MinimumTeeTcbSvn: "ab".repeat(16),
  MrSeam: "AB".repeat(48),
  TdAttributes: "0000001000000000",
  Xfam: "e702060000000000",
};

describe("validateManifest()", () => {
  test("finds nothing in a complete manifest, nor in one without policies or SANs", () => {
    expect(findingsAfter(() => {})).toEqual({ errors: [], missing: [] });
    expect(findingsAfter((manifest) => (manifest.Policies = {}))).toEqual({ errors: [], missing: [] });
    expect(findingsAfter((manifest) => (manifest.Policies[hash].SANs = []))).toEqual({ errors: [], missing: [] });
    expect(findingsAfter((manifest) => (manifest.ReferenceValues = { tdx: [tdxEntry] }))).toEqual({
      errors: [],
      missing: [],
    });
  });

  const cases: [string, Change, string][] = [
    [
      "a policy hash that is not hexadecimal",
      (manifest) => (manifest.Policies = { ["x".repeat(64)]: {} }),
      `manifest/policy-hash-invalid Policies["${"x".repeat(64)}"]`,
    ],
    [
      "a policy hash that is too short",
      (manifest) => (manifest.Policies = { ab: {} }),
      'manifest/policy-hash-invalid Policies["ab"]',
    ],
    [
      "an unknown role",
      (manifest) => (manifest.Policies[hash].Role = "admin"),
      `manifest/policy-role-unknown Policies["${hash}"].Role`,
    ],
    [
      "an unknown product",
      (manifest) => (manifest.ReferenceValues.snp[0].ProductName = "Rome"),
      "manifest/product-unknown ReferenceValues.snp[0].ProductName",
    ],
    [
      "a measurement of the wrong length",
      (manifest) => (manifest.ReferenceValues.snp[0].TrustedMeasurement = "ab"),
      "manifest/value-invalid ReferenceValues.snp[0].TrustedMeasurement",
    ],
    [
      "a measurement that is not hexadecimal",
      (manifest) => (manifest.ReferenceValues.snp[0].TrustedMeasurement = "g".repeat(96)),
      "manifest/value-invalid ReferenceValues.snp[0].TrustedMeasurement",
    ],
    [
      "a chip id of the wrong length",
      (manifest) => (manifest.ReferenceValues.snp[0].AllowedChipIDs = ["ab".repeat(64), "ab"]),
      "manifest/value-invalid ReferenceValues.snp[0].AllowedChipIDs[1]",
    ],
    [
      "a manifest that trusts nothing",
      (manifest) => (manifest.ReferenceValues = { snp: [] }),
      "manifest/no-reference-values ReferenceValues",
    ],
    [
      "an owner digest of the wrong length",
      (manifest) => manifest.WorkloadOwnerKeyDigests.push("ab"),
      "manifest/key-digest-invalid WorkloadOwnerKeyDigests[1]",
    ],
    [
      "a seed share key that is not hexadecimal",
      (manifest) => (manifest.SeedshareOwnerPubKeys = ["0"]),
      "manifest/seedshare-key-invalid SeedshareOwnerPubKeys[0]",
    ],
    [
      "a seed share key with a byte too many",
      (manifest) => (manifest.SeedshareOwnerPubKeys[0] += "00"),
      "manifest/seedshare-key-invalid SeedshareOwnerPubKeys[0]",
    ],
  ];

  test.each(cases)("rejects %s", (_name, change, finding) => {
    expect(findingsAfter(change)).toEqual({ errors: [finding], missing: [] });
  });

  test.each([
    ["MrTd", "MrTd"],
    ["TdAttributes", "TdAttributes"],
    ["Xfam", "Xfam"],
    ["MinimumTeeTcbSvn", "MinimumTeeTcbSvn"],
    ["MrSeam", "MrSeam"],
  ])("rejects a TDX entry with a bad %s", (field, path) => {
    const { errors } = findingsAfter(
      (manifest) => (manifest.ReferenceValues = { tdx: [{ ...tdxEntry, [field]: "abc" }] }),
    );
    expect(errors).toEqual([`manifest/value-invalid ReferenceValues.tdx[0].${path}`]);
  });

  test("rejects missing registers and registers that differ between the spellings", () => {
    const errorsOf = (change: Record<string, unknown>): string[] =>
      findingsAfter((manifest) => (manifest.ReferenceValues = { tdx: [{ ...tdxEntry, ...change }] })).errors;
    expect(errorsOf({ Rtrms: tdxEntry.Rtrms.slice(0, 3) })).toEqual([
      "manifest/value-invalid ReferenceValues.tdx[0].Rtrms[3]",
    ]);
    expect(errorsOf({ Rtrms: null })).toHaveLength(4);
    expect(errorsOf({ Rtrms: undefined, Rtmrs: tdxEntry.Rtrms.slice(0, 3) })).toEqual([
      "manifest/value-invalid ReferenceValues.tdx[0].Rtmrs[3]",
    ]);
    expect(errorsOf({ Rtmrs: tdxEntry.Rtrms.map((hex) => hex.toUpperCase()) })).toEqual([]);
    expect(errorsOf({ Rtmrs: tdxEntry.Rtrms.toReversed() })).toEqual([
      "manifest/value-invalid ReferenceValues.tdx[0].Rtmrs[0]",
      "manifest/value-invalid ReferenceValues.tdx[0].Rtmrs[3]",
    ]);
  });

  test("keeps values that the user has to fill in apart from errors", () => {
    const { errors, missing } = findingsAfter((manifest) => {
      manifest.ReferenceValues.snp[0].MinimumTCB = { BootloaderVersion: 1, SNPVersion: null };
      manifest.ReferenceValues.snp[0].ProductName = "";
      manifest.ReferenceValues.tdx = [
        { ...tdxEntry, MinimumQeSvn: null, MinimumPceSvn: null, MinimumTeeTcbSvn: "", MrSeam: "" },
      ];
    });
    expect(errors).toEqual(["manifest/product-unknown ReferenceValues.snp[0].ProductName"]);
    expect(missing).toEqual([
      "ReferenceValues.snp[0].MinimumTCB.TEEVersion",
      "ReferenceValues.snp[0].MinimumTCB.SNPVersion",
      "ReferenceValues.snp[0].MinimumTCB.MicrocodeVersion",
      "ReferenceValues.tdx[0].MinimumQeSvn",
      "ReferenceValues.tdx[0].MinimumPceSvn",
      "ReferenceValues.tdx[0].MinimumTeeTcbSvn",
      "ReferenceValues.tdx[0].MrSeam",
    ]);
  });
});

describe("requireValidManifest()", () => {
  const manifestWith = (change: Change) => {
    const json = JSON.parse(aksManifestText());
    change(json);
    return parseManifest(new TextEncoder().encode(JSON.stringify(json)), "manifest");
  };

  test("accepts a complete manifest", () => {
    requireValidManifest(
      manifestWith(() => {}),
      "Cannot use manifest",
    );
  });

  test("ends with the code of the only finding, a missing value included", () => {
    const codeAfter = (change: Change) =>
      codeOf(() => requireValidManifest(manifestWith(change), "Cannot use manifest"));
    expect(codeAfter((manifest) => (manifest.ReferenceValues.snp[0].MinimumTCB.SNPVersion = null))).toBe(
      "manifest/value-missing",
    );
    expect(codeAfter((manifest) => (manifest.Policies = { ab: {} }))).toBe("manifest/policy-hash-invalid");
  });
});
