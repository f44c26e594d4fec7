import type { ConfigLookup } from "../kubernetes/config-lookup.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { viewWorkload } from "../kubernetes/pod/workload-view.ts";
import { Problems } from "../lib/problems.ts";
import type { ImageProvider } from "../oci/image.ts";
import { containerSources } from "./derive/container-source.ts";
import { deriveContainer } from "./derive/derive-container.ts";
import { isPinned } from "./pinned-image.ts";
import { createPodContext, type PodContext } from "./derive/pod-context.ts";
import type { PolicyData } from "./policy-data.ts";
import type { Settings } from "./settings.ts";

/** A workload and everything that its policy depends on. */
export interface DerivationInput {
  /** The object as it will be deployed, after all patches. */
  readonly object: KubernetesObject;
  readonly settings: Settings;
  readonly images: ImageProvider;
  /** ConfigMaps and Secrets of the whole input. */
  readonly configs: ConfigLookup;
  /** Receives every error and warning with its place. */
  readonly problems: Problems;
}

/**
 * Derives the data of the policy for one workload from its YAML and its images.
 *
 * @returns undefined when the workload has errors, which are then in `problems`, and for objects without a pod spec
 * @see kata-containers `src/tools/genpolicy/src/policy.rs`
 */
export async function derivePolicyData(input: DerivationInput): Promise<PolicyData | undefined> {
  const { object, settings } = input;
  const own = new Problems();
  const view = viewWorkload(object, (problem) => input.problems.error(problem));
  if (view === undefined) return undefined;
  const context = createPodContext(object, view, input, own);
  checkPod(context, object, own);
  const sources = await containerSources(context);
  const containers = [];
  for (const source of sources) containers.push(await deriveContainer(context, source));
  for (const problem of own.errors) input.problems.error(problem);
  for (const problem of own.warnings) input.problems.warn(problem);
  if (own.errors.length > 0) return undefined;
  return { containers, ...settingsPart(settings) };
}

const settingsParts = new WeakMap<Settings, Omit<PolicyData, "containers">>();

/** The members that every policy made with the same settings shares. */
function settingsPart(settings: Settings): Omit<PolicyData, "containers"> {
  let part = settingsParts.get(settings);
  if (part === undefined) {
    const { common, sandbox, request_defaults, cluster_config } = settings;
    const devices = { vfio: { device_path: settings.devices.vfio.device_path, nvidia: {} } };
    part = { common, sandbox, request_defaults, devices, cluster_config };
    settingsParts.set(settings, part);
  }
  return part;
}

/** Fields that would let the pod do what no policy describes. */
const REFUSED_FIELDS = {
  hostPID: "a guest cannot share the process namespace of the host",
  hostIPC: "a guest cannot share the IPC namespace of the host",
} as const;

function checkPod(context: PodContext, object: KubernetesObject, problems: Problems): void {
  const { podSpec } = context.view;
  for (const field of ["hostPID", "hostIPC"] as const) {
    if (podSpec[field] !== true) continue;
    context.error({ code: "policy/field-unsupported", path: [field], message: REFUSED_FIELDS[field] });
  }
  if (podSpec.hostUsers === false) {
    const message = "the runtime does not support user namespaces inside the guest";
    context.error({ code: "policy/field-unsupported", path: ["hostUsers"], message });
  }
  if ((podSpec.ephemeralContainers ?? []).length > 0) {
    const message = "ephemeral containers are never part of a policy";
    context.error({ code: "policy/field-unsupported", path: ["ephemeralContainers"], message });
  }
  if (context.sandboxName === undefined) {
    problems.error({
      ...object.locate(["metadata"]),
      code: "policy/name-missing",
      message: `${object.kind} has neither name nor generateName`,
    });
  }
  if (context.namespace === "") {
    problems.warn({
      ...object.locate(["metadata"]),
      code: "policy/namespace-missing",
      message: "the object names no namespace, so its policy accepts any",
      hint: "Write metadata.namespace.",
    });
  }
  if (context.settings.common.image_verification === "guest-pull") warnAboutUnpinnedImages(context);
}

function warnAboutUnpinnedImages(context: PodContext): void {
  const { initContainers = [], containers } = context.view.podSpec;
  for (const [list, members] of Object.entries({ initContainers, containers })) {
    for (const [index, { image = "" }] of members.entries()) {
      if (image === "" || isPinned(image)) continue;
      context.warn({
        code: "policy/image-without-digest",
        path: [list, index, "image"],
        message: `image "${image}" has no digest: whoever controls the registry or the host decides what runs, so the policy refuses to start the container`,
        hint: "Run generate with --pin-images, or write the digest behind the reference.",
      });
    }
  }
}
