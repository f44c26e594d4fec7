import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { withCanonicalQuantities, workedExamples } from "../fakes/worked-examples.ts";
import { policyTexts } from "./policy-text.ts";
import { pinned, SAMPLE_IMAGES } from "./sample-images.ts";
import { GenerateBench, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const root = temporaryDirectory();
const bench = new GenerateBench(root);
const handler = "contrast-cc-k3s-qemu-snp-7173acb5";
const gpuHandler = "contrast-cc-k3s-qemu-snp-gpu-0f0e0d0c";
const MEASUREMENT = "ab".repeat(48);
const GPU_MEASUREMENT = "cd".repeat(48);

/** The examples of the 1.4 manual, on another platform than AKS and with images that exist. */
const EXAMPLES = workedExamples({
  digest: SAMPLE_IMAGES["registry.example/web:1.0"].descriptor.digest,
  handler,
  gpuHandler,
  initializer: pinned("registry.example/contrast/initializer:v1"),
  mesh: pinned("registry.example/contrast/mesh:v1"),
  coordinator: pinned("registry.example/contrast/coordinator:v1"),
});

const snp = (trustedMeasurement: string): object => ({
  minimumTCB: { bootloaderVersion: 9, teeVersion: 0, snpVersion: 23, microcodeVersion: 72 },
  productName: "Genoa",
  trustedMeasurement,
});
const REFERENCE_VALUES = JSON.stringify({
  [handler]: { snp: [snp(MEASUREMENT)] },
  [gpuHandler]: { snp: [snp(GPU_MEASUREMENT)] },
});

async function generated(yaml: string, platform: string): Promise<Workspace> {
  const workspace = bench.workspace({ "resources/all.yml": yaml, "values.json": REFERENCE_VALUES });
  const sources = ["api:1.0", "web", "migrate", "infer"].map((name) => {
    return `--image-source=registry.example/${name}=${join(root, "layout")}`;
  });
  const args = [...sources, "--reference-values-file=values.json", "resources"];
  const { status, stdout } = await workspace.generate(args, { platform });
  // All reference values are there, so the hint to fill them in is not.
  const messages = ["Patched targets", "Generated workload policy annotations", "Updated manifest manifest.json"];
  expect([status, stdout]).toEqual([0, messages.map((message) => `✔️ ${message}\n`).join("")]);
  return workspace;
}

/** The documents of a YAML text; every policy is the text POLICY. */
function documentsOf(yaml: string): readonly unknown[] {
  const short = yaml.replaceAll(/(io\.katacontainers\.config\.agent\.policy: )[A-Za-z0-9+/=]+/g, "$1POLICY");
  return parseAllDocuments(short).map((document) => withCanonicalQuantities(document.toJS()));
}

describe("contrast generate", () => {
  test.concurrent.each(EXAMPLES.map((example) => [example.title, example] as const))(
    "makes worked example %s",
    async (_, { input, needsGpu, expected, sans, workloadSecretId }) => {
      const workspace = await generated(input, needsGpu ? "k3s-qemu-snp-gpu" : "k3s-qemu-snp");
      const yaml = workspace.read("resources/all.yml");
      expect(documentsOf(yaml)).toEqual(documentsOf(expected));
      const [policy = "", ...others] = policyTexts(yaml);
      expect(others).toEqual([]);
      expect(policy).toStartWith(`${workspace.read("rules.rego")}\npolicy_data := {\n  "`);
      const hash = createHash("sha256").update(policy).digest("hex");
      const { Policies, ReferenceValues } = workspace.manifest();
      expect(Policies).toEqual({ [hash]: { SANs: sans, WorkloadSecretID: workloadSecretId } });
      expect(ReferenceValues).toMatchObject({
        snp: [{ TrustedMeasurement: needsGpu ? GPU_MEASUREMENT : MEASUREMENT }],
      });
      const isCoordinator = sans.includes("coordinator");
      expect(workspace.exists("coordinator-policy.sha256")).toBe(isCoordinator);
      if (isCoordinator) expect(workspace.read("coordinator-policy.sha256")).toBe(hash);
    },
  );
});
