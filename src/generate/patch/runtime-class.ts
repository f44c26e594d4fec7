import type { ValueMap } from "../../kubernetes/value.ts";
import { isContrastClass } from "../../kubernetes/workload.ts";
import { withMember } from "../edit-value.ts";
import { runtimeClassOf } from "../patch-view.ts";

/** The runtime class of confidential pods in the documentation of AKS. */
const AKS_CLASS = "kata-cc-isolation";

/** Whether a pod uses the class of AKS, which is replaced, although such pods get no Initializer and no mesh. */
export function hasAksClass(podSpec: ValueMap): boolean {
  return runtimeClassOf(podSpec) === AKS_CLASS;
}

/**
 * Names the chosen platform's runtime handler in a confidential pod spec; names of earlier releases are replaced too.
 *
 * @see edgelesssys/contrast `cli/cmd/generate.go`
 */
export function replaceRuntimeClass(podSpec: ValueMap, handler: string): ValueMap {
  const isConfidential = isContrastClass(runtimeClassOf(podSpec)) || hasAksClass(podSpec);
  return isConfidential ? withMember(podSpec, "runtimeClassName", handler) : podSpec;
}
