import { POD_ROLE_ANNOTATION } from "../kubernetes/contrast-names.ts";
import type { Path } from "../kubernetes/path.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { isValueMap, ownValue, valueAt } from "../kubernetes/value.ts";
import { quoteText } from "../lib/quote-text.ts";
import type { ObjectContext, PatchView } from "./patch-view.ts";
import { reportError, reportWarning } from "./patch-view.ts";

/** `true` keeps the Initializer out of a workload. */
export const SKIP_INITIALIZER_ANNOTATION = "contrast.edgeless.systems/skip-initializer";

/** An annotation's text and where it stands. */
export interface FoundAnnotation {
  readonly value: string;
  readonly path: Path;
}

/**
 * Finds an annotation on the pod template, else on the object itself. Version 1.4 reads most of its annotations from
 * the object, later versions all of them from the template; both are served.
 *
 * @param context receives `generate/annotation-not-text` and the warning `generate/annotation-differs`; without one
 *   nothing is reported
 */
export function findAnnotation(view: PatchView, key: string, context?: ObjectContext): FoundAnnotation | undefined {
  const template = annotationAt(view.object, view.workload.templateMetadataPath, key, context);
  const isPod = view.workload.templateMetadataPath.length === 1;
  const object = isPod ? undefined : annotationAt(view.object, ["metadata"], key, context);
  if (context !== undefined && template !== undefined && object !== undefined && template.value !== object.value) {
    const values = `got ${quoteText(object.value)} on the object and ${quoteText(template.value)} on the pod template`;
    reportWarning(context, "generate/annotation-differs", object.path, `${key}: ${values}; the template's counts`);
  }
  return template ?? object;
}

/** Whether the pods are a Coordinator's, whatever the kind of the object. */
export function isCoordinator(view: PatchView): boolean {
  return findAnnotation(view, POD_ROLE_ANNOTATION)?.value === "coordinator";
}

function annotationAt(
  object: ValueMap,
  metadataPath: Path,
  key: string,
  context: ObjectContext | undefined,
): FoundAnnotation | undefined {
  const annotations = valueAt(object, [...metadataPath, "annotations"]);
  const value = isValueMap(annotations) ? ownValue(annotations, key) : undefined;
  if (value === undefined || value === null) return undefined;
  const path = [...metadataPath, "annotations", key];
  if (typeof value === "string") return { value, path };
  if (context !== undefined) {
    const hint = "Put the value into quotes; Kubernetes accepts only text in annotations.";
    reportError(context, "generate/annotation-not-text", path, `got ${typeof value}, need text`, hint);
  }
  return undefined;
}
