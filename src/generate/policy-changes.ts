import { type KubernetesObject, objectsOf } from "../kubernetes/object.ts";
import { YamlStream } from "../kubernetes/yaml-stream.ts";
import type { FileChange } from "../lib/dry-run.ts";
import { Problems } from "../lib/problems.ts";
import { diffPolicies } from "../policy/diff/diff-policies.ts";
import type { PolicyDifference } from "../policy/diff/policy-change.ts";
import type { FoundPolicy } from "../policy/found-policy.ts";
import { workloadPolicies } from "../policy/workload-policies.ts";

/**
 * Compares the policies of the workloads in a YAML file before and after a change.
 *
 * @returns workloads whose policy has another hash; a policy that no guest could read counts as none
 */
export async function policyChanges({ path, before, after }: FileChange): Promise<readonly PolicyDifference[]> {
  const old = workloadsIn(before ?? "", path);
  const now = workloadsIn(after, path);
  const changes: PolicyDifference[] = [];
  // One workload after the other, because the policies of a large deployment take much memory together.
  for (const key of new Set([...now.keys(), ...old.keys()])) {
    const differences = diffPolicies(await policiesOf(old.get(key)), await policiesOf(now.get(key)));
    changes.push(...differences.filter((each) => each.before?.hashHex !== each.after?.hashHex));
  }
  return changes;
}

function workloadsIn(text: string, path: string): ReadonlyMap<string, readonly KubernetesObject[]> {
  const ignore = (): void => {};
  const objects = objectsOf(new YamlStream(text, path, ignore), ignore);
  return Map.groupBy(objects, ({ label, namespace }) => JSON.stringify([label, namespace]));
}

async function policiesOf(objects: readonly KubernetesObject[] = []): Promise<readonly FoundPolicy[]> {
  const policies = await workloadPolicies(objects, new Problems());
  return policies.map((policy) => ({ ...policy, manifests: [], manifestEntries: [] }));
}
