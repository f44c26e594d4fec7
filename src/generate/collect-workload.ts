import type { ValueMap } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";
import type { WorkloadPolicy } from "../manifest/policies.ts";
import { isCoordinator } from "./contrast-annotations.ts";
import { carriedPolicyOf } from "./policy-annotation.ts";
import type { ObjectContext } from "./patch-view.ts";
import { reportError, textAt, viewForPatch } from "./patch-view.ts";

/**
 * What the manifest needs of an annotated workload.
 *
 * @param context receives `generate/policy-annotation-invalid` and `generate/name-missing`
 * @returns undefined for objects without pods or without a policy, and after an error
 * @see edgelesssys/contrast `cli/cmd/policies.go`; unlike version 1.4, ReplicationControllers are collected too
 */
export function collectWorkload(
  object: ValueMap,
  workload: Workload,
  context: ObjectContext,
): WorkloadPolicy | undefined {
  const view = viewForPatch(object, workload);
  const policy = view && carriedPolicyOf(view, context);
  return policy && describeWorkload(object, workload, policy.hash, context);
}

/**
 * What the manifest needs of a workload whose policy is known.
 *
 * @param hash key in the manifest, 64 lower-case hexadecimal digits
 * @param context receives `generate/name-missing`
 */
export function describeWorkload(
  object: ValueMap,
  workload: Workload,
  hash: string,
  context: ObjectContext,
): WorkloadPolicy | undefined {
  const view = viewForPatch(object, workload);
  if (view === undefined) return undefined;
  const name = textAt(object, "metadata", "name") ?? "";
  if (name === "") {
    const hint = "Give the object a name; generateName alone gives no identity that a certificate could carry.";
    reportError(context, "generate/name-missing", ["metadata", "name"], "name is required but empty", hint);
    return undefined;
  }
  const { group, version, kind } = workload;
  return {
    hash,
    name,
    namespace: textAt(object, "metadata", "namespace"),
    group,
    version,
    kind,
    role: isCoordinator(view) ? "coordinator" : "",
    place: context.locate([]),
  };
}
