import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GenerateOptions, GenerateServices } from "../../src/generate/generate-options.ts";
import { parsePlatform } from "../../src/manifest/platforms.ts";
import { createSampleKeys } from "../e2e/sample-keys.ts";
import { recordLog, type RecordedLog } from "./image-provider.ts";
import { KnownImages } from "./known-images.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** The image of the pod below. */
export const IMAGE = "registry.example/web:1.0";
/** A pod whose policy needs nothing but its image. */
export const POD = `# kept
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  runtimeClassName: contrast-cc
  containers:
    - name: web # kept too
      image: ${IMAGE}
      resources: {limits: {memory: 64Mi}}
      securityContext: {runAsUser: 1000, runAsGroup: 1000}
`;

const keys = createSampleKeys();

/** A directory with one YAML file and owner keys, and what `generate` needs to work on it. */
export interface Scene {
  readonly directory: string;
  readonly images: KnownImages;
  readonly log: RecordedLog;
  readonly options: GenerateOptions;
  readonly services: GenerateServices;
}

/** @param yaml content of `resources/pod.yaml` */
export function scene(yaml: string, change: Partial<GenerateOptions> = {}): Scene {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "resources"));
  writeFileSync(join(directory, "resources", "pod.yaml"), yaml);
  writeFileSync(join(directory, "workload-owner.pem"), keys.workloadPem, { mode: 0o600 });
  writeFileSync(join(directory, "seedshare-owner.pem"), keys.seedsharePem, { mode: 0o600 });
  writeFileSync(
    join(directory, "images.txt"),
    "ghcr.io/edgelesssys/contrast/initializer:latest = registry.example/initializer:1.0\n",
  );
  const images = new KnownImages({
    [IMAGE]: { Entrypoint: ["/web"] },
    "registry.example/initializer:1.0": { Entrypoint: ["/initializer"] },
  });
  const log = recordLog();
  const path = (name: string): string => join(directory, name);
  return {
    directory,
    images,
    log,
    options: {
      paths: [path("resources")],
      platform: parsePlatform("k3s-qemu-snp"),
      rulesPath: path("rules.rego"),
      settingsPath: path("settings.json"),
      manifestPath: path("manifest.json"),
      coordinatorHashPath: path("coordinator-policy.sha256"),
      workloadOwnerKeys: [path("workload-owner.pem")],
      seedshareOwnerKeys: [path("seedshare-owner.pem")],
      disableUpdates: false,
      skipInitializer: false,
      skipServiceMesh: false,
      pinImages: true,
      selfCheck: true,
      outputPath: undefined,
      imageReplacementsPath: path("images.txt"),
      referenceValuesPath: undefined,
      ...change,
    },
    services: {
      images,
      log,
      readInput: async () => new Uint8Array(),
      signal: new AbortController().signal,
      cacheDir: join(directory, "cache"),
      programId: "test",
      workingDirectory: directory,
    },
  };
}
