import type { KubernetesObject } from "../../kubernetes/object.ts";
import { POLICY_ANNOTATIONS } from "../../kubernetes/policy-annotations.ts";
import { isValueMap, ownValue, valueAt } from "../../kubernetes/value.ts";
import { isConfidentialClass, runtimeClassName, workloadOf } from "../../kubernetes/workload.ts";
import { collectProblem } from "../../lib/collect-problem.ts";
import type { Problems } from "../../lib/problems.ts";
import { decodeAnnotation } from "../decode-policy.ts";
import type { PolicyText } from "../found-policy.ts";

/**
 * The policies that workloads carry. Confidential workloads without one are told as warnings.
 *
 * @param problems receives `policy/carrier-invalid` and the other codes of `decodeAnnotation`, and the warning
 *   `policy/workload-without-policy`
 */
export async function workloadPolicies(
  objects: readonly KubernetesObject[],
  problems: Problems,
): Promise<readonly PolicyText[]> {
  const policies: PolicyText[] = [];
  for (const object of objects) {
    const workload = workloadOf(object);
    if (workload === undefined) continue;
    const path = [...workload.templateMetadataPath, "annotations"];
    const annotations = valueAt(object.value, path);
    let found = false;
    for (const key of POLICY_ANNOTATIONS) {
      const value = isValueMap(annotations) ? ownValue(annotations, key) : undefined;
      if (value === undefined || value === null) continue;
      found = true;
      const place = object.locate([...path, key]);
      if (typeof value !== "string") {
        problems.error({ ...place, code: "policy/carrier-invalid", message: `got ${typeof value}, want base64 text` });
        continue;
      }
      const decoded = await collectProblem(problems, () => decodeAnnotation(value), place);
      if (decoded === undefined) continue;
      const { label, namespace = "" } = object;
      policies.push({ label, namespace, file: place.file ?? "", place, object, ...decoded });
    }
    if (!found && isConfidentialClass(runtimeClassName(object))) {
      problems.warn({
        ...object.locate(workload.podSpecPath),
        code: "policy/workload-without-policy",
        message: `${object.label} is to be confidential, but carries no policy`,
        hint: 'Run "contrast generate" on it.',
      });
    }
  }
  return policies;
}
