import { INITIALIZER_NAME } from "../../kubernetes/contrast-names.ts";
import { ownValue, type ValueMap } from "../../kubernetes/value.ts";
import { isContrastClass } from "../../kubernetes/workload.ts";
import { findAnnotation, isCoordinator, SKIP_INITIALIZER_ANNOTATION } from "../contrast-annotations.ts";
import { SECRETS_MOUNT, withSecretsMounts, withSecretsVolume } from "./contrast-secrets.ts";
import { withMember } from "../edit-value.ts";
import type { ObjectContext, PatchView } from "../patch-view.ts";
import { mapsAt, runtimeClassOf } from "../patch-view.ts";

/** Fetches certificates and secrets from the Coordinator before anything else of the pod runs. */
const INITIALIZER: ValueMap = {
  env: [{ name: "COORDINATOR_HOST", value: "coordinator" }],
  image: "ghcr.io/edgelesssys/contrast/initializer:latest",
  name: INITIALIZER_NAME,
  resources: { requests: { memory: "50Mi" } },
  volumeMounts: [SECRETS_MOUNT],
};

/**
 * Puts the Initializer in front of a workload's init containers and the secrets into its containers.
 *
 * @returns the pod spec; the same one where nothing is injected or an error was reported
 * @see edgelesssys/contrast `internal/kuberesource/mutators.go`
 */
export function injectInitializer(podSpec: ValueMap, view: PatchView, context: ObjectContext): ValueMap {
  if (!isContrastClass(runtimeClassOf(podSpec)) || isCoordinator(view)) return podSpec;
  if (findAnnotation(view, SKIP_INITIALIZER_ANNOTATION, context)?.value === "true") return podSpec;
  const initContainers = mapsAt(podSpec, "initContainers", view.workload.podSpecPath, context);
  if (initContainers === undefined) return podSpec;
  const others = initContainers.filter((container) => ownValue(container, "name") !== INITIALIZER_NAME);
  const withContainer = withMember(podSpec, "initContainers", [INITIALIZER, ...others]);
  const withVolume = withSecretsVolume(withContainer, view, context);
  return (withVolume && withSecretsMounts(withVolume, view, context)) ?? podSpec;
}
