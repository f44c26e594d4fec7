import { describe, expect, test } from "bun:test";
import { type ManifestInput, updateManifest } from "../../src/generate/update-manifest.ts";
import { Problems } from "../../src/lib/problems.ts";
import { parseManifest } from "../../src/manifest/manifest-json.ts";
import { PLACEHOLDER_MEASUREMENT } from "../../src/manifest/placeholder-measurement.ts";
import { parsePlatform, PLATFORMS } from "../../src/manifest/platforms.ts";
import type { WorkloadPolicy } from "../../src/manifest/policies.ts";
import { embeddedReferenceValues, platformDefaults } from "../../src/manifest/reference-values-table.ts";
import type { Manifest } from "../../src/manifest/schema.ts";
import { aksManifestText, BASE_POINT_DIGEST, SEEDSHARE_PUBLIC_KEY, TDX_DEFAULTS } from "../fakes/manifests.ts";

const API: WorkloadPolicy = {
  hash: "1e3ea6613cde1866c7f33844c4a2523a92a16ddc801470d9ee28e570e61296bd",
  name: "api",
  namespace: "shop",
  group: "apps",
  version: "v1",
  kind: "Deployment",
  role: "",
  place: { file: "api.yaml", line: 1 },
};
const COORDINATOR: WorkloadPolicy = {
  ...API,
  hash: "caf92dfa701b8d7f321e2d504d39f2828f817e8455042814d6a4a6dc510496d9",
  name: "coordinator",
  namespace: undefined,
  kind: "StatefulSet",
  role: "coordinator",
};

const parse = (text: string): Manifest => parseManifest(new TextEncoder().encode(text), "manifest");

function update(platformName: string, change: Partial<ManifestInput> = {}) {
  const platform = parsePlatform(platformName);
  const problems = new Problems();
  const result = updateManifest(
    {
      existing: undefined,
      path: "manifest.json",
      platform,
      referenceValues: platformDefaults(embeddedReferenceValues(), platform).referenceValues,
      workloads: [API],
      keys: { workloadDigests: [BASE_POINT_DIGEST], seedshareKeys: [SEEDSHARE_PUBLIC_KEY], newFiles: [] },
      disableUpdates: false,
      ...change,
    },
    problems,
  );
  return {
    ...result,
    json: JSON.parse(result.text),
    errors: problems.errors.map(({ code }) => code),
    warnings: problems.warnings.map(({ code }) => code),
  };
}

const UNSET_TCB = { BootloaderVersion: null, TEEVersion: null, SNPVersion: null, MicrocodeVersion: null };
const policies = { [API.hash]: { SANs: ["api", "*"], WorkloadSecretID: "apps/v1/Deployment/shop/api" } };

describe("updateManifest()", () => {
  test("makes the example manifest of AKS byte for byte, valid at once", () => {
    const { text, hint, errors, warnings, coordinatorPolicyHash } = update("aks-clh-snp", {
      workloads: [COORDINATOR, API],
    });
    expect(text).toBe(aksManifestText());
    expect([hint, errors, warnings]).toEqual([undefined, [], []]);
    expect(coordinatorPolicyHash).toBe(COORDINATOR.hash);
  });

  test.each(["k3s-qemu-snp", "metal-qemu-snp", "k3s-qemu-snp-gpu", "metal-qemu-snp-gpu"])(
    "makes a manifest for %s that waits for the user's values",
    (name) => {
      const { json, hint, errors, warnings, coordinatorPolicyHash } = update(name);
      const entry = { MinimumTCB: UNSET_TCB, TrustedMeasurement: PLACEHOLDER_MEASUREMENT };
      expect(json).toEqual({
        Policies: policies,
        ReferenceValues: {
          snp: [
            { ...entry, ProductName: "Milan" },
            { ...entry, ProductName: "Genoa" },
          ],
        },
        WorkloadOwnerKeyDigests: [BASE_POINT_DIGEST],
        SeedshareOwnerPubKeys: [SEEDSHARE_PUBLIC_KEY],
      });
      expect(hint).toBe(
        `  Please fill in the reference values for ${parsePlatform(name).display}; "contrast manifest observe" helps to find them`,
      );
      expect([errors, warnings]).toEqual([[], ["generate/measurement-missing"]]);
      expect(coordinatorPolicyHash).toBeUndefined();
    },
  );

  test.each(["k3s-qemu-tdx", "rke2-qemu-tdx", "metal-qemu-tdx"])("makes a manifest for %s that waits too", (name) => {
    const { json, hint, missing, warnings } = update(name);
    expect(json.ReferenceValues).toEqual({
      tdx: [TDX_DEFAULTS],
    });
    expect(hint).toContain(parsePlatform(name).display);
    expect(missing).toContain("ReferenceValues.tdx[0].MinimumTeeTcbSvn");
    expect(warnings).toEqual(["generate/measurement-missing"]);
  });

  test("changes nothing the second time, on every platform", () => {
    for (const { name } of PLATFORMS) {
      const first = update(name);
      expect(update(name, { existing: parse(first.text) }).text).toBe(first.text);
    }
  });

  test("keeps reference values, keys and unknown fields of the existing manifest, and replaces its policies", () => {
    const old = "00".repeat(32);
    const existing = parse(
      `{"Policies":{"${"ff".repeat(32)}":{"SANs":["gone"]}},"ReferenceValues":{"snp":[{"MinimumTCB":{"BootloaderVersion":9,"TEEVersion":0,"SNPVersion":23,"MicrocodeVersion":72},"ProductName":"Genoa","TrustedMeasurement":"${"ab".repeat(48)}"}]},"WorkloadOwnerKeyDigests":["${BASE_POINT_DIGEST.toUpperCase()}","${old}"],"Later":1}`,
    );
    const { json, hint, errors } = update("k3s-qemu-snp", { existing });
    expect(json.Policies).toEqual(policies);
    expect(json.ReferenceValues.snp[0].MinimumTCB.MicrocodeVersion).toBe(72);
    expect(json.WorkloadOwnerKeyDigests).toEqual([old, BASE_POINT_DIGEST.toUpperCase()]);
    expect(json.SeedshareOwnerPubKeys).toEqual([SEEDSHARE_PUBLIC_KEY]);
    expect(json.Later).toBe(1);
    expect([hint, errors]).toEqual([undefined, []]);
  });

  test("sorts keys as text and adds each once", () => {
    const digests = ["cc", "aa", "bb", "aa"].map((byte) => byte.repeat(32));
    const keys = { workloadDigests: digests, seedshareKeys: [], newFiles: [] };
    const { json } = update("k3s-qemu-snp", { keys });
    expect(json.WorkloadOwnerKeyDigests).toEqual(["aa", "bb", "cc"].map((byte) => byte.repeat(32)));
    expect(json.SeedshareOwnerPubKeys).toBeNull();
  });

  test("clears the owners when updates are disabled", () => {
    const existing = parse(aksManifestText());
    const { json, text } = update("aks-clh-snp", { existing, disableUpdates: true });
    expect(json.WorkloadOwnerKeyDigests).toBeNull();
    expect(text).toContain('"WorkloadOwnerKeyDigests": null');
    expect(json.SeedshareOwnerPubKeys).toEqual([SEEDSHARE_PUBLIC_KEY]);
  });

  test("warns when the existing manifest trusts no host of the platform", () => {
    const { warnings, errors } = update("k3s-qemu-tdx", { existing: parse(aksManifestText()) });
    expect([errors, warnings]).toEqual([[], ["generate/platform-not-in-manifest"]]);
  });

  test("reports what is wrong with the existing manifest, beside the hint", () => {
    const existing = parse(aksManifestText().replace("Milan", "Rome").replace(": 115", ": null"));
    const { errors, hint } = update("aks-clh-snp", { existing });
    expect(errors).toEqual(["manifest/product-unknown"]);
    expect(hint).toBeDefined();
  });

  test("reports workloads of the same name with the same policy", () => {
    expect(update("aks-clh-snp", { workloads: [API, API] }).errors).toEqual(["manifest/policy-collision"]);
  });

  test("warns about a second Coordinator and takes the first", () => {
    const second = { ...COORDINATOR, name: "other", hash: "dd".repeat(32) };
    const { warnings, coordinatorPolicyHash } = update("aks-clh-snp", { workloads: [COORDINATOR, second] });
    expect(warnings).toEqual(["generate/coordinator-twice"]);
    expect(coordinatorPolicyHash).toBe(COORDINATOR.hash);
  });

  test("warns when the Coordinator is not the released one", () => {
    const expectedCoordinator = (hash: string) =>
      update("aks-clh-snp", { workloads: [COORDINATOR], expectedCoordinator: hash });
    expect(expectedCoordinator(COORDINATOR.hash).warnings).toEqual([]);
    expect(expectedCoordinator("ee".repeat(32)).warnings).toEqual(["generate/coordinator-policy-unexpected"]);
  });
});
