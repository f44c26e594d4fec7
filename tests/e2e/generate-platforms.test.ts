import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { parse } from "yaml";
import type { PolicyStorage } from "../../src/policy/policy-data.ts";
import { TDX_DEFAULTS } from "../fakes/manifests.ts";
import { referenceLayer } from "../fakes/reference-layer.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { COORDINATOR_YAML, deploymentYaml } from "./sample-yaml.ts";
import { SAMPLE_IMAGES, type SampleImage } from "./sample-images.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new GenerateBench(temporaryDirectory());
const FILES = { "resources/api.yaml": deploymentYaml("api"), "resources/coordinator.yml": COORDINATOR_YAML };
const MEASUREMENT = "deadbeef".repeat(12);
const POLICY = "io.katacontainers.config.agent.policy";

const NO_TCB = { BootloaderVersion: null, TEEVersion: null, SNPVersion: null, MicrocodeVersion: null };
const SNP = {
  snp: [
    { MinimumTCB: NO_TCB, ProductName: "Milan", TrustedMeasurement: MEASUREMENT },
    { MinimumTCB: NO_TCB, ProductName: "Genoa", TrustedMeasurement: MEASUREMENT },
  ],
};
const TDX = {
  tdx: [TDX_DEFAULTS],
};

const PLATFORMS = [
  ["k3s-qemu-tdx", "K3s-QEMU-TDX", TDX],
  ["k3s-qemu-snp", "K3s-QEMU-SNP", SNP],
  ["rke2-qemu-tdx", "RKE2-QEMU-TDX", TDX],
  ["metal-qemu-snp", "Metal-QEMU-SNP", SNP],
  ["metal-qemu-tdx", "Metal-QEMU-TDX", TDX],
  ["k3s-qemu-snp-gpu", "K3s-QEMU-SNP-GPU", SNP],
  ["metal-qemu-snp-gpu", "Metal-QEMU-SNP-GPU", SNP],
] as const;

/** SHA-256 of the policy in the pod template of the file's only object. */
function policyHash(workspace: Workspace, name: string): string {
  const { template } = parse(workspace.read(name)).spec;
  return createHash("sha256").update(Buffer.from(template.metadata.annotations[POLICY], "base64")).digest("hex");
}

/** Storages of every container in the policy of the file's only object. */
function storagesOf(workspace: Workspace, name: string): readonly (readonly PolicyStorage[])[] {
  const { template } = parse(workspace.read(name)).spec;
  const text = Buffer.from(template.metadata.annotations[POLICY], "base64").toString();
  const data = JSON.parse(text.slice(text.lastIndexOf("policy_data := ") + "policy_data := ".length));
  return data.containers.map(({ storages }: { storages: readonly PolicyStorage[] }) => storages);
}

/** Root hashes of an image's layers, the newest first. */
function imageRoots(reference: SampleImage): string {
  return SAMPLE_IMAGES[reference].archives
    .map((archive) => referenceLayer(Buffer.from(archive)).rootHash)
    .toReversed()
    .join(":");
}

describe("contrast generate", () => {
  test.concurrent.each(PLATFORMS)(
    "for %s writes the manifest of the platform, and the second run changes nothing",
    async (platform, display, values) => {
      const workspace = bench.workspace(FILES);
      const messages = [
        "✔️ Patched targets",
        "✔️ Generated workload policy annotations",
        `  Please fill in the reference values for ${display}; "contrast manifest observe" helps to find them`,
        "✔️ Updated manifest manifest.json",
        "",
      ].join("\n");
      expect(await workspace.generate(["resources"], { platform })).toMatchObject({ status: 0, stdout: messages });

      const entry = (name: string, id: string): object => ({ SANs: [name, "*"], WorkloadSecretID: id });
      const coordinatorHash = policyHash(workspace, "resources/coordinator.yml");
      const policies = [
        [policyHash(workspace, "resources/api.yaml"), entry("api", "apps/v1/Deployment/shop/api")],
        [coordinatorHash, entry("coordinator", "apps/v1/StatefulSet/shop/coordinator")],
      ] as const;
      const manifest = {
        Policies: Object.fromEntries(policies.toSorted(([left], [right]) => (left < right ? -1 : 1))),
        ReferenceValues: values,
        WorkloadOwnerKeyDigests: [bench.keys.workloadDigest],
        SeedshareOwnerPubKeys: [bench.keys.seedshareKey],
      };
      expect(workspace.read("manifest.json")).toBe(`${JSON.stringify(manifest, undefined, 2)}\n`);
      expect(workspace.read("coordinator-policy.sha256")).toBe(coordinatorHash);
      const { runtimeClassName } = parse(workspace.read("resources/api.yaml")).spec.template.spec;
      expect(runtimeClassName).toMatch(new RegExp(`^contrast-cc-${platform}-[0-9a-f]{8}$`));

      const afterFirst = workspace.snapshot();
      expect(Object.keys(afterFirst)).toEqual([
        "coordinator-policy.sha256",
        "manifest.json",
        "resources",
        "resources/api.yaml",
        "resources/coordinator.yml",
        "rules.rego",
        "seedshare-owner.pem",
        "settings.json",
        "workload-owner.pem",
      ]);
      // Once with the record of the first run, once without, when the first has checked the same policies.
      expect(await workspace.generate(["resources"], { platform })).toMatchObject({ status: 0, stdout: messages });
      expect(workspace.snapshot()).toEqual(afterFirst);
      const home = workspace.newHome();
      expect(await workspace.generate(["--no-self-check", "resources"], { platform, home })).toMatchObject({
        status: 0,
        stdout: messages,
      });
      expect(workspace.snapshot()).toEqual(afterFirst);
    },
  );

  test.concurrent("for aks-clh-snp puts the root hashes of all layers into policies", async () => {
    const workspace = bench.workspace(FILES);
    const { status, stderr } = await workspace.generate(["resources"], { platform: "aks-clh-snp" });
    expect([status, stderr]).toEqual([0, ""]);
    const storages = storagesOf(workspace, "resources/api.yaml");
    const roots = [imageRoots("mcr.microsoft.com/oss/kubernetes/pause:3.6"), imageRoots("registry.example/web:1.0")];
    const overlays = storages.map((list) => list.find(({ driver }) => driver === "overlayfs")?.options[1]);
    expect([overlays[0], overlays.at(-1)]).toEqual(roots);

    const after = workspace.snapshot();
    const home = workspace.newHome();
    expect((await workspace.generate(["--no-self-check", "resources"], { platform: "AKS-CLH-SNP", home })).status).toBe(
      0,
    );
    expect(workspace.snapshot()).toEqual(after);
  });

  test.concurrent("refuses other platforms and a missing one", async () => {
    const workspace = bench.workspace(FILES);
    const before = workspace.snapshot();
    const { json, status } = await workspace.generateJson(["resources"], { platform: "foo" });
    expect([json.code, status]).toEqual(["manifest/platform-unknown", 2]);
    const { stderr } = await workspace.generate(["resources"], { platform: "foo" });
    expect(stderr).toStartWith("Error: parse flags: invalid reference-values platform: unknown platform: foo\n");
    const without = await workspace.run(["generate", "resources"]);
    expect([without.status, without.stdout]).toEqual([1, ""]);
    expect(without.stderr).toStartWith('Error: required flag(s) "reference-values" not set\n');
    expect(workspace.snapshot()).toEqual(before);
  });

  test.concurrent("takes the platform in any letter case, and says so in JSON", async () => {
    const workspace = bench.workspace(FILES);
    const { status, json, stderr } = await workspace.generateJson(["resources"], { platform: "Metal-QEMU-tdx" });
    expect(status).toBe(0);
    expect(json).toMatchObject({
      schema: "contrast/generate/v1",
      ok: true,
      platform: "Metal-QEMU-TDX",
      manifestPath: "manifest.json",
      missingReferenceValues: expect.arrayContaining(["ReferenceValues.tdx[0].MrSeam"]),
      workloads: [
        { file: "resources/api.yaml", kind: "Deployment", name: "api", namespace: "shop" },
        { file: "resources/coordinator.yml", kind: "StatefulSet", name: "coordinator", namespace: "shop" },
      ],
    });
    expect(json.written).toContain("resources/api.yaml");
    expect(json.workloads?.map((workload) => workload.policyHash)).toEqual([
      policyHash(workspace, "resources/api.yaml"),
      policyHash(workspace, "resources/coordinator.yml"),
    ]);
    // Log lines stay on standard error.
    expect(stderr).toContain("level=WARN");
  });
});
