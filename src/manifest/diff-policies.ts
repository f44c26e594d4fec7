import { renderGoJson } from "../lib/go-json/go-json-render.ts";
import type { ManifestChange } from "./manifest-change.ts";
import type { PolicyEntry } from "./schema.ts";

interface Workload {
  readonly hash: string;
  readonly entry: PolicyEntry;
}

/**
 * Compares the workloads of two manifests. A workload whose policy changed is found again by its identity: its
 * workload secret, or its first DNS name.
 */
export function diffPolicies(
  before: ReadonlyMap<string, PolicyEntry>,
  after: ReadonlyMap<string, PolicyEntry>,
): readonly ManifestChange[] {
  const changes: ManifestChange[] = [];
  const old = workloadsOf(before);
  const remaining = workloadsOf(after);
  const take = (matches: (workload: Workload) => boolean): Workload | undefined => {
    const index = remaining.findIndex(matches);
    return index === -1 ? undefined : remaining.splice(index, 1)[0];
  };
  const withoutSameHash = old.filter((workload) => {
    const same = take(({ hash }) => hash === workload.hash);
    if (same !== undefined) changes.push(...entryChanges(workload.entry, same.entry, nameOf(same)));
    return same === undefined;
  });
  for (const workload of withoutSameHash) {
    const name = nameOf(workload);
    const same = take((candidate) => nameOf(candidate) === name);
    if (same === undefined) {
      changes.push({ area: "policies", kind: "removed", subject: name, before: workload.hash });
      continue;
    }
    const hashes = { before: workload.hash, after: same.hash };
    changes.push({ area: "policies", kind: "changed", subject: name, field: "policy", ...hashes });
    changes.push(...entryChanges(workload.entry, same.entry, name));
  }
  const added = remaining.map(
    (workload) => ({ area: "policies", kind: "added", subject: nameOf(workload), after: workload.hash }) as const,
  );
  return [...changes, ...added];
}

function workloadsOf(policies: ReadonlyMap<string, PolicyEntry>): Workload[] {
  return [...policies].map(([hash, entry]) => ({ hash: hash.toLowerCase(), entry }));
}

function nameOf({ hash, entry }: Workload): string {
  if (entry.workloadSecretId !== "") return entry.workloadSecretId;
  return entry.sans?.find((san) => san !== "*") ?? `policy ${hash}`;
}

function entryChanges(before: PolicyEntry, after: PolicyEntry, subject: string): readonly ManifestChange[] {
  const fields = [
    { field: "WorkloadSecretID", before: before.workloadSecretId, after: after.workloadSecretId },
    { field: "Role", before: before.role, after: after.role },
    ...unknownFields(before, after),
  ].filter((change) => change.before !== change.after);
  return [
    ...sanChanges(before.sans ?? [], after.sans ?? [], subject),
    ...fields.map((change) => ({ area: "policies", kind: "changed", subject, ...change }) as const),
  ];
}

/** What newer versions say about a workload. */
function unknownFields({ unknown: before }: PolicyEntry, { unknown: after }: PolicyEntry) {
  const textOf = (fields: PolicyEntry["unknown"], name: string): string | undefined => {
    const node = fields.get(name);
    return node === undefined ? undefined : renderGoJson(node);
  };
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.map((field) => ({ field, before: textOf(before, field), after: textOf(after, field) }));
}

/** The names are a set, but the first of them is also the common name of the certificate. */
function sanChanges(before: readonly string[], after: readonly string[], subject: string): readonly ManifestChange[] {
  const base = { area: "policies", subject, field: "SANs" } as const;
  const removed = before.filter((san) => !after.includes(san));
  const added = after.filter((san) => !before.includes(san));
  const changes: ManifestChange[] = [
    ...removed.map((san) => ({ ...base, kind: "removed", before: san }) as const),
    ...added.map((san) => ({ ...base, kind: "added", after: san }) as const),
  ];
  if (changes.length > 0 || before[0] === after[0]) return changes;
  return [{ ...base, kind: "changed", before: before.join(", "), after: after.join(", ") }];
}
