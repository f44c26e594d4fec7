import { unifiedDiff } from "../../lib/unified-diff.ts";
import type { FoundPolicy } from "../found-policy.ts";
import { type ParsedPolicy, parsePolicy } from "../parse-policy.ts";
import { compareData } from "./compare-data.ts";
import { compareContainers } from "./compare-containers.ts";
import type { PolicyChange, PolicyDifference, PolicySide } from "./policy-change.ts";

/**
 * Compares two sets of policies, workload by workload. One policy on each side is compared whatever its label says.
 *
 * @throws ContrastError `rego/policy-too-large`
 */
export function diffPolicies(
  before: readonly FoundPolicy[],
  after: readonly FoundPolicy[],
): readonly PolicyDifference[] {
  const [oldOne, ...oldRest] = before;
  const [newOne, ...newRest] = after;
  if (oldOne !== undefined && newOne !== undefined && oldRest.length === 0 && newRest.length === 0) {
    return [differenceOf(oldOne, newOne)];
  }
  const old = byLabel(before);
  const now = byLabel(after);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((label) =>
    pairsOf(old.get(label) ?? [], now.get(label) ?? []),
  );
}

/** Several policies of one label, as a history has them: equal ones go together, then the last with the last. */
function pairsOf(before: readonly FoundPolicy[], after: readonly FoundPolicy[]): readonly PolicyDifference[] {
  const hashes = new Set(before.map(({ hashHex }) => hashHex));
  const shared = after.filter(({ hashHex }) => hashes.has(hashHex));
  const kept = new Set(shared.map(({ hashHex }) => hashHex));
  const old = before.filter(({ hashHex }) => !kept.has(hashHex));
  const now = after.filter(({ hashHex }) => !kept.has(hashHex));
  const length = Math.max(old.length, now.length);
  const pairs = Array.from({ length }, (_, index) => {
    const [was, is] = [old.at(index - length), now.at(index - length)];
    return differenceOf(was, is);
  });
  const same = shared.map((policy) =>
    differenceOf(before.find(({ hashHex }) => hashHex === policy.hashHex) ?? policy, policy),
  );
  return [...same, ...pairs];
}

function byLabel(policies: readonly FoundPolicy[]): ReadonlyMap<string, readonly FoundPolicy[]> {
  return Map.groupBy(policies, ({ label, namespace }) => JSON.stringify([label, namespace || "default"]));
}

function differenceOf(before: FoundPolicy | undefined, after: FoundPolicy | undefined): PolicyDifference {
  const named = after ?? before;
  const old = before && parsePolicy(before.text);
  const now = after && parsePolicy(after.text);
  const common = {
    label: named?.label ?? "",
    namespace: named?.namespace ?? "",
    before: before && old && sideOf(before, old),
    after: after && now && sideOf(after, now),
  };
  if (old === undefined || now === undefined) {
    return { ...common, status: old === undefined ? "added" : "removed", rules: [], changes: [] };
  }
  const rules = unifiedDiff(old.rulesText, now.rulesText);
  const changes = changesOf(old, now);
  const isSame = rules.length === 0 && changes.length === 0;
  return { ...common, status: isSame ? "same" : "changed", rules, changes };
}

function sideOf({ file, hashHex }: FoundPolicy, { isEmbeddedRules }: ParsedPolicy): PolicySide {
  return { file, hashHex, embeddedRules: isEmbeddedRules };
}

function changesOf({ data: before }: ParsedPolicy, { data: after }: ParsedPolicy): readonly PolicyChange[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    const kind = before === undefined ? "added" : "removed";
    const change = { effect: "other", container: "", part: "policy_data", subject: "" } as const;
    return [{ ...change, kind, before: before && "data", after: after && "data" }];
  }
  const { containers: oldContainers, ...old } = before.raw;
  const { containers: newContainers, ...now } = after.raw;
  const settings = compareData("", old, now).map((change) => ({ ...change, container: "" }));
  const viewed = compareContainers(before, after);
  if (Array.isArray(oldContainers) === Array.isArray(newContainers)) return [...viewed, ...settings];
  const odd = compareData("containers", oldContainers, newContainers).map((change) => ({ ...change, container: "" }));
  return [...odd, ...settings];
}
