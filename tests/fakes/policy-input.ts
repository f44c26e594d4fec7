import { ConfigLookup } from "../../src/kubernetes/config-lookup.ts";
import type { KubernetesObject } from "../../src/kubernetes/object.ts";
import { workloadOf } from "../../src/kubernetes/workload.ts";
import { Problems } from "../../src/lib/problems.ts";
import type { ImageProvider } from "../../src/oci/image.ts";
import { derivePolicyData } from "../../src/policy/derive-policy-data.ts";
import { parseImageFacts } from "../../src/policy/policy-test/image-facts.ts";
import type { ContainerPolicy, PolicyData } from "../../src/policy/policy-data.ts";
import { loadProfile, type ProfileName } from "../../src/policy/settings/profiles.ts";
import type { Settings } from "../../src/policy/settings.ts";
import { objectsFrom } from "./objects.ts";

/** A reference with a digest, for an image that the facts below describe. */
export const IMAGE = `registry.example/app:1@sha256:${"ab".repeat(32)}`;

const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const LAYERS = ["1c", "2d"].map((byte) => ({ diffId: `sha256:${byte.repeat(32)}`, rootHash: `9${byte}0`.repeat(16) }));

/** Facts of the pause image and of one application. */
export const IMAGE_FACTS = {
  "mcr.microsoft.com/oss/kubernetes/pause:3.6": {
    config: { User: "65535:65535", Entrypoint: ["/pause"], Env: [PATH] },
    layers: LAYERS.slice(0, 1),
  },
  [IMAGE]: {
    config: {
      Entrypoint: ["/app"],
      Cmd: ["serve"],
      Env: [PATH, "LANG=C"],
      WorkingDir: "/srv",
      Volumes: { "/cache": {} },
    },
    passwd: "root:x:0:0:root:/root:/bin/sh\napp:x:100:101::/srv:/sbin/nologin\n",
    group: "root:x:0:root\nwheel:x:10:root\napp:x:101:\naudio:x:29:app\n",
    layers: LAYERS,
  },
};

export interface DerivedPolicy {
  readonly object: KubernetesObject;
  readonly data: PolicyData | undefined;
  readonly settings: Settings;
  readonly images: ImageProvider;
  readonly configs: ConfigLookup;
  readonly problems: Problems;
  /** Errors as `code path`. */
  readonly errors: readonly string[];
  /** Warnings as `code path`. */
  readonly warnings: readonly string[];
}

export interface DeriveOptions {
  readonly profile?: ProfileName;
  readonly settings?: Settings;
  readonly facts?: object;
}

/** Derives the policy of the first workload of a YAML text; ConfigMaps and Secrets of the text are found. */
export async function derive(yaml: string, options: DeriveOptions = {}): Promise<DerivedPolicy> {
  const objects = objectsFrom(yaml);
  const object = objects.find((candidate) => workloadOf(candidate) !== undefined);
  if (object === undefined) throw new Error("no workload in the YAML");
  const problems = new Problems();
  const settings = options.settings ?? (await loadProfile(options.profile ?? "metal"));
  const images = parseImageFacts(JSON.stringify({ ...IMAGE_FACTS, ...options.facts }), "facts.json");
  const configs = new ConfigLookup(objects, (problem) => problems.error(problem));
  const data = await derivePolicyData({ object, settings, images, configs, problems });
  const errors = problems.errors.map(({ code, path }) => `${code} ${path}`);
  const warnings = problems.warnings.map(({ code, path }) => `${code} ${path}`);
  return { object, data, settings, images, configs, problems, errors, warnings };
}

/** A pod with one container `main`. Both texts are YAML in flow form, without their braces. */
export function podYaml(container = "", spec = ""): string {
  const more = (text: string): string => (text === "" ? "" : `, ${text}`);
  return `{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: prod, labels: {app: shop}, annotations: {team: blue}},
    spec: {containers: [{name: main, image: "${IMAGE}"${more(container)}}]${more(spec)}}}`;
}

/** The policy of the container `main`; fails when the pod has errors. */
export async function deriveMain(container = "", spec = "", options: DeriveOptions = {}): Promise<ContainerPolicy> {
  const { data, errors } = await derive(podYaml(container, spec), options);
  const main = data?.containers.at(-1);
  if (main === undefined) throw new Error(errors.join("\n"));
  return main;
}

/** `errors` of a pod with one container. */
export async function errorsOf(container: string, spec = ""): Promise<readonly string[]> {
  return (await derive(podYaml(container, spec))).errors;
}

/** The last mount at a destination: source, type and options. */
export function mountAt({ OCI }: ContainerPolicy, destination: string): string | undefined {
  const found = OCI.Mounts?.findLast((mount) => mount.destination === destination);
  return found && [found.source, found.type_, found.options.join()].join(" ");
}
