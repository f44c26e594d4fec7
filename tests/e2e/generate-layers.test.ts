import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type BuiltPlatformImage, buildImage } from "../../scripts/lib/image-builder.ts";
import { file } from "../../scripts/lib/tar-writer.ts";
import { referenceLayer } from "../fakes/reference-layer.ts";
import { type FakeRegistry, startRegistry } from "../fakes/registry.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { policyTexts } from "./policy-text.ts";
import { SAMPLE_IMAGES } from "./sample-images.ts";
import { podYaml } from "./sample-yaml.ts";
import { GenerateBench, type MeasuredOutcome, type Workspace } from "./workspace.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const bench = new GenerateBench(temporaryDirectory());
const registries: FakeRegistry[] = [];
afterAll(() => {
  for (const registry of registries) registry.stop();
});

/** Large enough for threads of their own; the account file lies below the large layer. */
const IMAGE = buildImage({
  config: { User: "web", Entrypoint: ["/web"] },
  layers: [
    { members: [file("etc/passwd", "web:x:7:8::/:/bin/sh\n"), file("etc/group", "web:x:8:\n")] },
    { members: [file("noise", randomBytes(40 * 1024 * 1024))], compression: "none" },
    { members: [file("text", "text ".repeat(5_000_000))], compression: "gzip" },
    { members: [file("more", "text ".repeat(100_000))], compression: "zstd" },
  ],
});

function rootsOf(image: BuiltPlatformImage): string {
  return image.archives
    .map((archive) => referenceLayer(Buffer.from(archive)).rootHash)
    .toReversed()
    .join(":");
}

async function registryWith(image: BuiltPlatformImage): Promise<FakeRegistry> {
  const registry = await startRegistry();
  registries.push(registry);
  registry.push("web", "1", image);
  registry.push("pause", "3.6", SAMPLE_IMAGES["mcr.microsoft.com/oss/kubernetes/pause:3.6"]);
  return registry;
}

/** A workspace whose images all lie in the registry. */
function workspaceFor({ host }: FakeRegistry): Workspace {
  const settings = readFileSync(join(import.meta.dir, "..", "..", "policy", "settings-aks.json"), "utf8");
  return bench.workspace({
    "web.yaml": podYaml("web", "", `${host}/web:1`),
    "settings.json": settings.replace("mcr.microsoft.com/oss/kubernetes/pause:3.6", `${host}/pause:3.6`),
  });
}

async function generate(workspace: Workspace, flags: readonly string[], cache: string): Promise<MeasuredOutcome> {
  const fixed = ["--reference-values=aks-clh-snp", "--skip-initializer", "--settings=settings.json"];
  const env = { CONTRAST_CACHE_DIR: cache };
  return await workspace.run(["generate", ...fixed, ...flags, "web.yaml"], { env, home: workspace.newHome() });
}

describe("contrast generate, for AKS", () => {
  test("hashes layers from a registry, and then works offline from the cache", async () => {
    const registry = await registryWith(IMAGE);
    const workspace = workspaceFor(registry);
    const before = workspace.read("web.yaml");
    const cache = workspace.newHome();
    const flags = [`--insecure-registry=http://${registry.host}`, "--log-level=debug"];
    const first = await generate(workspace, flags, cache);
    expect(first.status).toBe(0);
    // The thread that hashes is a module of its own, which must be found in the finished program.
    expect(first.stderr).toContain("DEBUG");
    expect(first.stderr).not.toContain("cannot hash on another thread");
    const after = workspace.read("web.yaml");
    const [policy = ""] = policyTexts(after);
    expect(policy).toContain(`"${rootsOf(IMAGE)}"`);
    expect(policy).toContain(`"${rootsOf(SAMPLE_IMAGES["mcr.microsoft.com/oss/kubernetes/pause:3.6"])}"`);
    expect(policy).toContain('"UID": 7');
    // Account files and root hashes come out of one download.
    for (const { digest } of IMAGE.layers) {
      expect(registry.paths().filter((path) => path.endsWith(digest))).toHaveLength(1);
    }

    registry.stop();
    workspace.write("web.yaml", before);
    expect((await generate(workspace, ["--offline"], cache)).status).toBe(0);
    expect(workspace.read("web.yaml")).toBe(after);
  });

  test("writes nothing when a layer is another one than was promised", async () => {
    const registry = await registryWith(IMAGE);
    const other = Uint8Array.from(IMAGE.archives[1]!);
    other[other.length - 2000] = (other[other.length - 2000] ?? 0) ^ 1;
    registry.corrupt(IMAGE.layers[1]!.digest, other);
    const workspace = workspaceFor(registry);
    const before = workspace.snapshot();
    const flags = [`--insecure-registry=http://${registry.host}`, "--format=json"];
    const { status, stdout } = await generate(workspace, flags, workspace.newHome());
    expect(status).not.toBe(0);
    expect(stdout).toContain("oci/digest-mismatch");
    expect(workspace.snapshot()).toEqual(before);
  });
});
