import type { Json } from "../../lib/json.ts";
import { isPinned } from "../pinned-image.ts";
import type { ContainerPolicy, PolicyData } from "../policy-data.ts";
import { containerMutations } from "./container-mutations.ts";
import { copyFileSteps } from "./copy-requests.ts";
import { execSteps } from "./exec-steps.ts";
import { isServiceVariable } from "./kubelet-environment.ts";
import type { ContainerModel, PodModel } from "./pod-model.ts";
import { refusal } from "./refusal.ts";
import { containerParts, createContainerRequest } from "./runtime-requests.ts";
import type { SelfCheckStep } from "./self-check-step.ts";

/**
 * The requests about one container: files first, then refusals and creation, then the commands of probes and hooks.
 *
 * @param policy what the data says about this container
 */
export function* containerSteps(
  pod: PodModel,
  model: ContainerModel,
  policy: ContainerPolicy,
  data: PolicyData,
): Generator<SelfCheckStep> {
  const container = model.isPause ? "pause" : model.container.name;
  const kind = "CreateContainerRequest";
  const parts = containerParts(pod, model);
  yield* copyFileSteps(pod, model);
  if (pod.runtime.isContrast && !model.isPause && !isPinned(model.image.reference)) {
    const request = (): Json => createContainerRequest(pod, model, parts);
    yield { container, kind, check: "container whose image has no digest", request, allowed: false };
    return;
  }

  const { process, mounts } = parts;
  const own = process.Env.filter((entry) => !isServiceVariable(entry));
  const services = process.Env.filter(isServiceVariable);
  const withParts = (part: Partial<typeof parts>): Json => createContainerRequest(pod, model, { ...parts, ...part });
  let bare: Json | undefined;
  const base = (): Json => (bare ??= withParts({ mounts: [], process: { ...process, Env: [] } }));
  for (const mutation of containerMutations({ pod, model, parts, policy, data })) {
    yield refusal(container, kind, mutation, base);
  }
  // Variables of services are admitted by the settings alone, so that one container of a run is enough to try them.
  const withServices = (): Json => withParts({ mounts: [], process: { ...process, Env: services } });
  if (services.length > 0) {
    yield { container, kind, check: "variables of services", request: withServices, allowed: true, decidedBy: "" };
  }
  const request = (): Json => withParts({ mounts, process: { ...process, Env: own } });
  yield { container, kind, check: "container", request, allowed: true };
  if (!model.isPause) yield* execSteps(model, process, policy, data);
}
