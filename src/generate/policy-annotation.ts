import type { Path } from "../kubernetes/path.ts";
import { POLICY_ANNOTATION, POLICY_ANNOTATIONS, type PolicyAnnotation } from "../kubernetes/policy-annotations.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { isValueMap, valueAt } from "../kubernetes/value.ts";
import { isContrastClass, type Workload } from "../kubernetes/workload.ts";
import { ContrastError, messageChainOf } from "../lib/errors.ts";
import { policyHash } from "../manifest/policies.ts";
import { decodeInitdataAnnotation } from "../policy/initdata/initdata-annotation.ts";
import { initdataDigests } from "../policy/initdata/initdata-digests.ts";
import { parseInitdata } from "../policy/initdata/parse-initdata.ts";
import { replaceAt, withoutMember } from "./edit-value.ts";
import type { ObjectContext, PatchView } from "./patch-view.ts";
import { withTemplateAnnotation } from "./template-annotation.ts";
import { reportError, runtimeClassOf, textAt, viewForPatch } from "./patch-view.ts";

/** A policy as an annotation of the pod template carries it. */
export interface CarriedPolicy {
  /** What the guest measures: the text of the policy, or the initdata document that holds it. */
  readonly bytes: Uint8Array;
  /** Key in the manifest, 64 lower-case hexadecimal digits. */
  readonly hash: string;
}

/** Whether an object has pods that run under a policy; Coordinators do too. */
export function needsPolicy(object: ValueMap, workload: Workload): boolean {
  const view = viewForPatch(object, workload);
  return view !== undefined && isContrastClass(runtimeClassOf(view.podSpec));
}

/**
 * Annotates the pod template with a policy, in place of an earlier one: guests that know both annotations must not find
 * another policy in the other one.
 *
 * @returns the same object when it has that policy already, or has no pods
 */
export function withPolicyAnnotation(
  object: ValueMap,
  workload: Workload,
  carrier: PolicyAnnotation,
  value: string,
): ValueMap {
  if (viewForPatch(object, workload) === undefined) return object;
  const other = POLICY_ANNOTATIONS.filter((key) => key !== carrier);
  return withTemplateAnnotation(withoutAnnotations(object, workload, other), workload, carrier, value);
}

/** The object as policies are derived from it: without a policy of its own. */
export function withoutPolicyAnnotation(object: ValueMap, workload: Workload): ValueMap {
  return withoutAnnotations(object, workload, POLICY_ANNOTATIONS);
}

function withoutAnnotations(object: ValueMap, workload: Workload, keys: readonly string[]): ValueMap {
  const view = viewForPatch(object, workload);
  if (view === undefined) return object;
  const path = annotationsPath(view);
  const annotations = valueAt(object, path);
  if (!isValueMap(annotations)) return object;
  return replaceAt(object, path, keys.reduce<ValueMap>(withoutMember, annotations));
}

/**
 * The policy that an object carries.
 *
 * @param context receives `generate/policy-annotation-invalid`
 * @returns undefined without annotation or after an error
 */
export function carriedPolicyOf(view: PatchView, context: ObjectContext): CarriedPolicy | undefined {
  const annotations = valueAt(view.object, annotationsPath(view));
  const found = isValueMap(annotations) ? POLICY_ANNOTATIONS.filter((key) => (annotations[key] ?? null) !== null) : [];
  const [carrier, second] = found;
  if (carrier === undefined) return undefined;
  const path = [...annotationsPath(view), carrier];
  const refuse = (message: string): undefined => {
    reportError(context, "generate/policy-annotation-invalid", path, message);
    return undefined;
  };
  if (second !== undefined) return refuse(`which policy counts depends on the guest: ${second} carries another one`);
  const value = textAt(annotations, carrier);
  try {
    if (value !== undefined && !/\s/.test(value)) {
      return carrier === POLICY_ANNOTATION ? policyIn(value) : policyInInitdata(value);
    }
  } catch (error) {
    if (error instanceof ContrastError) return refuse(`failed to parse policy: ${messageChainOf(error)}`);
    // What is left is not base64.
  }
  return refuse("failed to parse policy: not standard base64");
}

function policyIn(annotation: string): CarriedPolicy {
  const bytes = Uint8Array.fromBase64(annotation, { lastChunkHandling: "strict" });
  return { bytes, hash: policyHash(bytes) };
}

function policyInInitdata(annotation: string): CarriedPolicy {
  const document = decodeInitdataAnnotation(annotation, "initdata");
  const { algorithm } = parseInitdata(document, "initdata");
  return { bytes: new TextEncoder().encode(document), hash: initdataDigests(document, algorithm).hostData };
}

function annotationsPath(view: PatchView): Path {
  return [...view.workload.templateMetadataPath, "annotations"];
}
