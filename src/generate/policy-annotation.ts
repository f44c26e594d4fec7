import type { Path } from "../kubernetes/path.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { isValueMap, valueAt } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";
import { replaceAt, withoutMember } from "./edit-value.ts";
import type { ObjectContext, PatchView } from "./patch-view.ts";
import { withTemplateAnnotation } from "./template-annotation.ts";
import { isContrastClass, reportError, runtimeClassOf, viewForPatch } from "./patch-view.ts";

/** The annotation of the pod template that carries the policy: standard base64 of its UTF-8 text. */
export const POLICY_ANNOTATION = "io.katacontainers.config.agent.policy";

/** Whether an object has pods that run under a policy; Coordinators do too. */
export function needsPolicy(object: ValueMap, workload: Workload): boolean {
  const view = viewForPatch(object, workload);
  return view !== undefined && isContrastClass(runtimeClassOf(view.podSpec));
}

/**
 * Annotates the pod template with a policy, in place of an earlier one.
 *
 * @param annotation base64 of the policy text
 * @returns the same object when it has that policy already, or has no pods
 */
export function withPolicyAnnotation(object: ValueMap, workload: Workload, annotation: string): ValueMap {
  if (viewForPatch(object, workload) === undefined) return object;
  return withTemplateAnnotation(object, workload, POLICY_ANNOTATION, annotation);
}

/** The object as policies are derived from it: without a policy of its own. */
export function withoutPolicyAnnotation(object: ValueMap, workload: Workload): ValueMap {
  const view = viewForPatch(object, workload);
  if (view === undefined) return object;
  const path = annotationsPath(view);
  const annotations = valueAt(object, path);
  return isValueMap(annotations) ? replaceAt(object, path, withoutMember(annotations, POLICY_ANNOTATION)) : object;
}

/**
 * The policy that an object carries.
 *
 * @param context receives `generate/policy-annotation-invalid`
 * @returns the bytes of the policy text; undefined without annotation or after an error
 */
export function policyBytesOf(view: PatchView, context: ObjectContext): Uint8Array | undefined {
  const path = [...annotationsPath(view), POLICY_ANNOTATION];
  const annotation = valueAt(view.object, path);
  if (annotation === undefined || annotation === null) return undefined;
  try {
    if (typeof annotation === "string" && !/\s/.test(annotation)) {
      return Uint8Array.fromBase64(annotation, { lastChunkHandling: "strict" });
    }
  } catch {
    // Reported below like every other value that is not base64.
  }
  reportError(context, "generate/policy-annotation-invalid", path, "failed to parse policy: not standard base64");
  return undefined;
}

function annotationsPath(view: PatchView): Path {
  return [...view.workload.templateMetadataPath, "annotations"];
}
