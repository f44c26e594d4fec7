import type { ValueMap } from "../../kubernetes/value.ts";
import { MESH_ANNOTATIONS } from "../../servicemesh/annotation-keys.ts";
import { findAnnotation, isCoordinator, SKIP_INITIALIZER_ANNOTATION } from "../contrast-annotations.ts";
import { type ObjectContext, type PatchView, reportError } from "../patch-view.ts";
import { hasAksClass } from "./runtime-class.ts";
import { withTemplateAnnotation } from "../template-annotation.ts";

/**
 * Remembers in a pod of the AKS class that it gets no Initializer. Its class is about to be replaced by ours, and the
 * next run could not tell it from a pod that was ours from the start.
 *
 * @param context receives `generate/mesh-annotation-unused`: such a pod gets no sidecar either, and leaving it out
 *   without a word would send in plain text what the user wants encrypted
 */
export function keepAksClass(object: ValueMap, view: PatchView, context: ObjectContext): ValueMap {
  if (!hasAksClass(view.podSpec) || isCoordinator(view)) return object;
  for (const key of MESH_ANNOTATIONS) {
    const found = findAnnotation(view, key);
    if (found === undefined) continue;
    const message = "the annotation has no effect on pods of the runtime class kata-cc-isolation";
    const hint = "Set runtimeClassName: contrast-cc.";
    reportError(context, "generate/mesh-annotation-unused", found.path, message, hint);
  }
  if (findAnnotation(view, SKIP_INITIALIZER_ANNOTATION)?.value === "true") return object;
  return withTemplateAnnotation(object, view.workload, SKIP_INITIALIZER_ANNOTATION, "true");
}
