import { objectsOf } from "../kubernetes/object.ts";
import { splitDocuments } from "../kubernetes/yaml/split-documents.ts";
import { YamlStream } from "../kubernetes/yaml-stream.ts";
import type { FileChange } from "../lib/dry-run.ts";
import { Problems } from "../lib/problems.ts";
import { diffPolicies } from "../policy/diff/diff-policies.ts";
import type { PolicyDifference } from "../policy/diff/policy-change.ts";
import type { FoundPolicy } from "../policy/found-policy.ts";
import { workloadPolicies } from "../policy/find/workload-policies.ts";

/** Policies of workloads that have not been found on the other side yet, by kind, name and namespace. */
type Waiting = Map<string, readonly FoundPolicy[]>;

/**
 * Compares the policies of the workloads in a YAML file before and after a change. Only one document of each side is
 * looked at at a time, because the policies of a large deployment take much memory together.
 *
 * @returns workloads whose policy has another hash; a policy that no guest could read counts as none
 */
export async function policyChanges({ path, before, after }: FileChange): Promise<readonly PolicyDifference[]> {
  const changes: PolicyDifference[] = [];
  const compare = (old: readonly FoundPolicy[], now: readonly FoundPolicy[]): void => {
    const [one, two] = [old.map(({ hashHex }) => hashHex), now.map(({ hashHex }) => hashHex)];
    if (one.join() === two.join()) return;
    const differences = diffPolicies(old, now);
    changes.push(...differences.filter((each) => each.before?.hashHex !== each.after?.hashHex));
  };
  const old: Waiting = new Map();
  const now: Waiting = new Map();
  for (const [oldDocument, newDocument] of documentPairs(before ?? "", after)) {
    if (oldDocument === newDocument) continue;
    await addPolicies(old, oldDocument, path);
    await addPolicies(now, newDocument, path);
    for (const [key, policies] of now) {
      const others = old.get(key);
      if (others === undefined) continue;
      compare(others, policies);
      old.delete(key);
      now.delete(key);
    }
  }
  for (const policies of now.values()) compare([], policies);
  for (const policies of old.values()) compare(policies, []);
  return changes;
}

/** The documents of two texts side by side; empty texts where one of them has fewer. */
function* documentPairs(before: string, after: string): Generator<readonly [string, string]> {
  const documentsOf = function* (text: string): Generator<string> {
    for (const { start, end } of splitDocuments(text, text.startsWith("\uFEFF") ? 1 : 0)) yield text.slice(start, end);
  };
  const old = documentsOf(before);
  const now = documentsOf(after);
  for (;;) {
    const [left, right] = [old.next(), now.next()];
    if (left.done === true && right.done === true) return;
    yield [left.done === true ? "" : left.value, right.done === true ? "" : right.value];
  }
}

async function addPolicies(waiting: Waiting, document: string, path: string): Promise<void> {
  const ignore = (): void => {};
  const objects = objectsOf(new YamlStream(document, path, ignore), ignore);
  const groups = Map.groupBy(objects, ({ label, namespace }) => JSON.stringify([label, namespace]));
  for (const [key, members] of groups) {
    const policies = await workloadPolicies(members, new Problems());
    const found = policies.map((policy) => ({ ...policy, manifests: [], manifestEntries: [] }));
    if (found.length > 0) waiting.set(key, [...(waiting.get(key) ?? []), ...found]);
  }
}
