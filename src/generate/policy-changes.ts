import { objectsOf } from "../kubernetes/object.ts";
import { YamlStream } from "../kubernetes/yaml-stream.ts";
import type { FileChange } from "../lib/dry-run.ts";
import { Problems } from "../lib/problems.ts";
import { diffPolicies } from "../policy/describe/diff-policies.ts";
import type { PolicyDifference } from "../policy/describe/policy-change.ts";
import type { FoundPolicy } from "../policy/found-policy.ts";
import { workloadPolicies } from "../policy/workload-policies.ts";

/**
 * Compares the policies of the workloads in a YAML file before and after a change.
 *
 * @returns workloads whose policy has another hash; a policy that no guest could read counts as none
 */
export async function policyChanges({ path, before, after }: FileChange): Promise<readonly PolicyDifference[]> {
  const differences = diffPolicies(await policiesIn(before ?? "", path), await policiesIn(after, path));
  return differences.filter((difference) => difference.before?.hashHex !== difference.after?.hashHex);
}

async function policiesIn(text: string, path: string): Promise<readonly FoundPolicy[]> {
  const ignore = (): void => {};
  const objects = objectsOf(new YamlStream(text, path, ignore), ignore);
  const policies = await workloadPolicies(objects, new Problems());
  return policies.map((policy) => ({ ...policy, manifests: [], manifestEntries: [] }));
}
