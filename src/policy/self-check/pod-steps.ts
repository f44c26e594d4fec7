import type { ConfigLookup } from "../../kubernetes/config-lookup.ts";
import type { Container } from "../../kubernetes/pod/container.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { WorkloadView } from "../../kubernetes/pod/workload-view.ts";
import type { Image, ImageProvider } from "../../oci/image.ts";
import type { PolicyData } from "../policy-data.ts";
import type { Settings } from "../settings.ts";
import { containerSteps } from "./container-steps.ts";
import { type ContainerModel, createPodModel, type PodModel } from "./pod-model.ts";
import { sandboxSteps } from "./sandbox-steps.ts";
import type { SelfCheckStep } from "./self-check-step.ts";

/** A workload with its policy, and what both were made from. */
export interface PodStepsInput {
  readonly object: KubernetesObject;
  readonly view: WorkloadView;
  readonly data: PolicyData;
  readonly settings: Settings;
  readonly images: ImageProvider;
  readonly configs: ConfigLookup;
}

/** All requests about a pod in the order in which they have to be tried. */
export function* podSteps(input: PodStepsInput, containers: readonly ContainerImage[]): Generator<SelfCheckStep> {
  const { data } = input;
  const pod = createPodModel({ ...input, containers });
  yield* sandboxSteps(pod, data);
  for (const [index, model] of pod.containers.entries()) {
    const policy = data.containers[index];
    if (policy === undefined) continue;
    for (const step of containerSteps(pod, model, policy, data)) yield withoutExamples(pod, step);
  }
}

/** Names and numbers that the model has made up do not tell questions apart. */
function withoutExamples({ name, uid }: PodModel, step: SelfCheckStep): SelfCheckStep {
  if (step.difference === undefined) return step;
  const difference = step.difference.replaceAll(name, "…").replaceAll(uid, "…").replaceAll(MADE_UP_DIGITS, "…");
  return { ...step, difference };
}

/** Ids of containers and sandboxes, and the random part of shared files. */
const MADE_UP_DIGITS = /[0-9a-f]{64}|[0-9a-f]{16}/g;

/** A container with what its image says. */
export type ContainerImage = Omit<ContainerModel, "id">;

/** The pause container and the pod's own with their images. */
export async function containerImages({ view, settings, images }: PodStepsInput): Promise<readonly ContainerImage[]> {
  const { initContainers = [], containers } = view.podSpec;
  const pause = { name: "", image: settings.cluster_config.pause_container_image };
  const models: ContainerImage[] = [];
  const hasLayers = settings.common.image_verification === "tardev";
  for (const container of [pause, ...initContainers, ...containers]) {
    const image = await images.image(container.image ?? "");
    const isPause = container === pause;
    const accounts = needsAccounts(view, container, isPause, image) ? await image.accounts() : undefined;
    const layers = hasLayers ? await image.layerHashes() : [];
    models.push({ container, image, accounts, layers, isPause });
  }
  return models;
}

/** Fetching account files costs layers, so only where user, group or group memberships come from them. */
function needsAccounts({ podSpec }: WorkloadView, container: Container, isPause: boolean, image: Image): boolean {
  const pod = podSpec.securityContext;
  const own = container.securityContext;
  const user = own?.runAsUser ?? pod?.runAsUser;
  const group = own?.runAsGroup ?? pod?.runAsGroup;
  if (isPause && user === undefined && /^\d+:\d+$/.test(image.config.User ?? "")) return false;
  const memberships = !isPause && pod?.supplementalGroupsPolicy !== "Strict";
  return memberships || user === undefined || group === undefined;
}
