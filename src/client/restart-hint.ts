import type { Manifest, PolicyEntry } from "../manifest/schema.ts";

/** A workload as far as a manifest names it. */
export interface NamedWorkload {
  /** As `kubectl` takes it where the manifest's default naming is in use, such as `deployment/web -n shop`; else the first name. */
  readonly name: string;
  /** 64 lower-case hexadecimal digits. */
  readonly policyHash: string;
}

/** Longest list that is printed. */
const MAX_NAMES = 20;
const SECRET_ID = /^[^/]+\/[^/]+\/([A-Za-z]+)\/([^/]+)\/([^/]+)$/;

/**
 * Workloads of a manifest without its Coordinators, in the order of the manifest.
 *
 * @param coordinatorHashes policies that Coordinators run under, beside entries with that role
 */
export function workloadsOf(manifest: Manifest, coordinatorHashes: readonly Uint8Array[]): readonly NamedWorkload[] {
  const coordinators = new Set(coordinatorHashes.map((hash) => hash.toHex()));
  return [...manifest.policies]
    .filter(([hash, { role }]) => role !== "coordinator" && !coordinators.has(hash.toLowerCase()))
    .map(([hash, entry]) => ({ name: nameOf(entry, hash), policyHash: hash.toLowerCase() }));
}

/** What a changed manifest means for the workloads. */
export interface RestartPlan {
  /** Their policy is new: they run only with the YAML that belongs to the manifest. */
  readonly changed: readonly NamedWorkload[];
  /** Their policy is as before; their certificates are of the old mesh CA. */
  readonly unchanged: readonly NamedWorkload[];
}

/**
 * Tells workloads with new policies from the others.
 *
 * @param previous the manifest that was in force before; undefined where it is not known, so that all count as changed
 */
export function planRestarts(workloads: readonly NamedWorkload[], previous: Manifest | undefined): RestartPlan {
  const before = new Set([...(previous?.policies.keys() ?? [])].map((hash) => hash.toLowerCase()));
  const unchanged = workloads.filter(({ policyHash }) => before.has(policyHash));
  return { changed: workloads.filter((workload) => !unchanged.includes(workload)), unchanged };
}

/** Names on one line, at most twenty. */
export function renderNames(workloads: readonly NamedWorkload[]): string {
  const names = workloads.slice(0, MAX_NAMES).map(({ name }) => name);
  const left = workloads.length - names.length;
  return [...names, ...(left > 0 ? [`and ${left} more`] : [])].join(", ");
}

function nameOf({ sans, workloadSecretId }: PolicyEntry, hash: string): string {
  const [, kind, namespace, name] = SECRET_ID.exec(workloadSecretId) ?? [];
  if (kind !== undefined && namespace !== undefined && name !== undefined) {
    return `${kind.toLowerCase()}/${name} -n ${namespace}`;
  }
  return workloadSecretId || sans?.[0] || hash;
}
