import { describe, expect, test } from "bun:test";
import { diffManifests } from "../../src/manifest/diff-manifests.ts";
import { TDX_DEFAULTS } from "../fakes/manifests.ts";
import { changedManifest, type PlainManifest, type PlainSnp } from "../fakes/plain-manifest.ts";

const API_HASH = "1e3ea6613cde1866c7f33844c4a2523a92a16ddc801470d9ee28e570e61296bd";
const NEW_HASH = "ab".repeat(32);

type Change = (manifest: PlainManifest) => void;

/** The differences between the sample manifest and a changed copy of it, shortened to one line each. */
function changes(change: Change, before: Change = () => {}): readonly string[] {
  const after: Change = (plain) => {
    before(plain);
    change(plain);
  };
  return diffManifests(changedManifest(before), changedManifest(after)).map((found) =>
    [found.area, found.kind, found.subject, found.field, found.before, found.after]
      .map((part) => part ?? "-")
      .join(" "),
  );
}

const snpOf = ({ ReferenceValues: { snp = [] } }: PlainManifest): PlainSnp[] => snp;

const API = "apps/v1/Deployment/shop/api";

describe("diffManifests()", () => {
  test("finds nothing where only order, letter case and formatting differ", () => {
    const reordered = (manifest: PlainManifest): void => {
      manifest.Policies = Object.fromEntries(Object.entries(manifest.Policies).toReversed());
      manifest.WorkloadOwnerKeyDigests = manifest.WorkloadOwnerKeyDigests!.map((digest) => digest.toUpperCase());
      const [entry] = snpOf(manifest);
      entry!.TrustedMeasurement = entry!.TrustedMeasurement.toUpperCase();
    };
    expect(changes(reordered)).toEqual([]);
  });

  test("finds a workload again by its secret when its policy changed", () => {
    const change = ({ Policies }: PlainManifest): void => {
      Policies[NEW_HASH] = Policies[API_HASH]!;
      delete Policies[API_HASH];
    };
    expect(changes(change)).toEqual([`policies changed ${API} policy ${API_HASH} ${NEW_HASH}`]);
  });

  test("tells names, secrets and roles of a workload with the same policy", () => {
    const change = ({ Policies }: PlainManifest): void => {
      Policies[API_HASH] = { SANs: ["api", "www"], WorkloadSecretID: "other", Role: "coordinator" };
    };
    expect(changes(change)).toEqual([
      "policies removed other SANs * -",
      "policies added other SANs - www",
      `policies changed other WorkloadSecretID ${API} other`,
      "policies changed other Role  coordinator",
    ]);
  });

  test("notices another first name, which is the common name of the certificate", () => {
    const change = ({ Policies }: PlainManifest): void => {
      Policies[API_HASH]!.SANs = ["*", "api"];
    };
    expect(changes(change)).toEqual([`policies changed ${API} SANs api, * *, api`]);
  });

  test("tells added and removed workloads", () => {
    const add = ({ Policies }: PlainManifest): void => {
      Policies[NEW_HASH] = { SANs: ["new"], WorkloadSecretID: "" };
    };
    expect(changes(add)).toEqual([`policies added new - - ${NEW_HASH}`]);
    const remove = ({ Policies }: PlainManifest): void => void delete Policies[API_HASH];
    expect(changes(remove)).toEqual([`policies removed ${API} - ${API_HASH} -`]);
  });

  test("says whether a minimum was raised or lowered", () => {
    const change = (manifest: PlainManifest): void => {
      snpOf(manifest)[0]!.MinimumTCB["MicrocodeVersion"] = 116;
      snpOf(manifest)[0]!.MinimumTCB["SNPVersion"] = 7;
    };
    expect(changes(change)).toEqual([
      "reference-values lowered snp[0] (Milan) MinimumTCB.SNPVersion 8 7",
      "reference-values raised snp[0] (Milan) MinimumTCB.MicrocodeVersion 115 116",
    ]);
  });

  test.each([
    ["05", "06", "raised"],
    ["06", "05", "lowered"],
    ["0501", "0600", "changed"],
    ["", "05", "changed"],
  ])("compares a minimum of bytes part by part: %s to %s is %s", (old, now, kind) => {
    const set =
      (value: string) =>
      ({ ReferenceValues }: PlainManifest): void => {
        ReferenceValues.tdx = [{ ...TDX_DEFAULTS, MinimumTeeTcbSvn: value }];
      };
    expect(changes(set(now), set(old))).toEqual([
      `reference-values ${kind} tdx[0] MinimumTeeTcbSvn ${old || "(empty)"} ${now}`,
    ]);
  });

  test("pairs entries by what they measure, whatever their order", () => {
    const before = ({ ReferenceValues: { snp = [] } }: PlainManifest): void => {
      snp.push({ ...structuredClone(snp[0]!), ProductName: "Genoa" });
    };
    const change = ({ ReferenceValues }: PlainManifest): void => {
      ReferenceValues.snp = ReferenceValues.snp!.toReversed();
      ReferenceValues.snp[0]!.MinimumTCB["TEEVersion"] = 1;
    };
    expect(changes(change, before)).toEqual(["reference-values raised snp[1] (Genoa) MinimumTCB.TEEVersion 0 1"]);
  });

  test("tells added and removed entries, and a changed measurement", () => {
    const add = ({ ReferenceValues }: PlainManifest): void => {
      ReferenceValues.tdx = [TDX_DEFAULTS];
      ReferenceValues.snp![0]!.TrustedMeasurement = "aa".repeat(48);
    };
    expect(changes(add).map((line) => line.split(" ").slice(0, 4).join(" "))).toEqual([
      "reference-values changed snp[0] (Milan)",
      "reference-values added tdx[0] -",
    ]);
    const remove = ({ ReferenceValues }: PlainManifest): void => void delete ReferenceValues.snp;
    expect(changes(remove)).toEqual(["reference-values removed snp[0] (Milan) - - -"]);
  });

  test("compares keys as sets and names seed share owners by digest", () => {
    const change = (manifest: PlainManifest): void => {
      manifest.WorkloadOwnerKeyDigests = ["cd".repeat(32)];
      manifest.SeedshareOwnerPubKeys = null;
    };
    expect(changes(change).map((line) => line.replaceAll(/[0-9a-f]{64}/g, "#"))).toEqual([
      "workload-owners removed # - - -",
      "workload-owners added # - - -",
      "seedshare-owners removed SHA-256 # - - -",
    ]);
  });

  test("compares fields that this version does not know", () => {
    const change = (manifest: PlainManifest): void => {
      manifest["Later"] = { deep: 1 };
      manifest.ReferenceValues["sev"] = [];
      snpOf(manifest)[0]!["CPUs"] = 4;
      manifest.Policies[API_HASH]!["Extra"] = true;
    };
    expect(changes(change)).toEqual([
      `policies changed ${API} Extra - true`,
      "reference-values added snp[0] (Milan) CPUs - 4",
      'other added Later - - {"deep":1}',
      'other added ReferenceValues - - {"sev":[]}',
    ]);
  });
});
