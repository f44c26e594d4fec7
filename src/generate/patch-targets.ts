import type { InputSet } from "../kubernetes/input-set.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import { type ValueMap } from "../kubernetes/value.ts";
import { type Workload, workloadOf } from "../kubernetes/workload.ts";
import { viewWorkload } from "../kubernetes/pod/workload-view.ts";
import type { Problems } from "../lib/problems.ts";
import { needsPolicy, withoutPolicyAnnotation } from "./policy-annotation.ts";
import { checkNames } from "./check-names.ts";
import { similarNames } from "../terminal/similar-names.ts";
import { patchObject, type PatchOptions } from "./patch/patch-object.ts";
import { PatchedObject } from "./patched-object.ts";
import { withoutTransportAnnotations } from "./resource-list.ts";

/** A workload of the input after patching. */
export interface Target {
  /** Patched; any policy of an earlier run is still in it. */
  readonly object: PatchedObject;
  /** As policies are derived from it: patched, without a policy. */
  readonly policyInput: PatchedObject;
  readonly workload: Workload;
  readonly needsPolicy: boolean;
}

/**
 * Patches every workload of the target files; all other objects stay as they are.
 *
 * @param problems receives wrong types with their places, and what the steps of patching find
 * @returns the workloads without errors; after an error of another one they only serve to find more errors
 */
export function patchTargets(inputs: InputSet, options: PatchOptions, problems: Problems): readonly Target[] {
  const targets: Target[] = [];
  for (const file of inputs.files.filter(({ isTarget }) => isTarget)) {
    for (const source of file.objects) {
      const workload = workloadOf(source);
      if (workload === undefined) continue;
      const errorsBefore = problems.errors.length;
      const isConfidential = needsPolicy(source.value, workload);
      viewWorkload(
        source,
        (problem) => problems.error(problem),
        isConfidential ? unknownFieldWarning(source, problems) : undefined,
      );
      if (problems.errors.length > errorsBefore) continue;
      const context = { problems, locate: (path: Path) => source.locate(path) };
      const value = patchObject(source.value, workload, options, context);
      const object = new PatchedObject(source, value);
      const patchedContext = { problems, locate: (path: Path) => object.locate(path) };
      if (needsPolicy(value, workload)) checkNames(value, workload, patchedContext);
      if (problems.errors.length > errorsBefore) continue;
      targets.push({
        object,
        policyInput: new PatchedObject(source, asPolicyInput(source, value, workload)),
        workload,
        needsPolicy: needsPolicy(value, workload),
      });
    }
  }
  return targets;
}

/** The object without what is no part of the pods: a policy of its own, and notes of functions. */
function asPolicyInput(source: KubernetesObject, value: ValueMap, workload: Workload): ValueMap {
  return withoutTransportAnnotations(source, withoutPolicyAnnotation(value, workload), workload);
}

/** A misspelt field would silently be no part of the policy. */
function unknownFieldWarning(
  source: KubernetesObject,
  problems: Problems,
): (path: Path, known: readonly string[]) => void {
  return (path, known) => {
    const [meant] = similarNames(String(path.at(-1)), known);
    problems.warn({
      ...source.locate(path),
      code: "generate/field-unknown",
      message: "Kubernetes has no such field; it is kept, but no part of the policy",
      hint: meant === undefined ? "Remove the field, or correct its name." : `Did you mean ${meant}?`,
    });
  };
}
