import type { KubernetesObject } from "./object.ts";
import type { Path } from "./path.ts";
import { isValueMap, valueAt, type ValueMap } from "./value.ts";

/** Where an object that makes pods describes them. */
export interface Workload {
  /** API group, empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Path of the pod spec in the object. */
  readonly podSpecPath: Path;
  /** Path of the metadata that its pods get; for a Pod the object's own. */
  readonly templateMetadataPath: Path;
}

type WorkloadKind = Omit<Workload, "version">;

const TEMPLATE: Path = ["spec", "template"];

const WORKLOAD_KINDS: ReadonlyMap<string, WorkloadKind> = new Map(
  [
    workloadKind("", "Pod", []),
    workloadKind("", "ReplicationController", TEMPLATE),
    workloadKind("apps", "Deployment", TEMPLATE),
    workloadKind("apps", "StatefulSet", TEMPLATE),
    workloadKind("apps", "DaemonSet", TEMPLATE),
    workloadKind("apps", "ReplicaSet", TEMPLATE),
    workloadKind("batch", "Job", TEMPLATE),
    workloadKind("batch", "CronJob", ["spec", "jobTemplate", "spec", "template"]),
  ].map((kind) => [kind.kind, kind]),
);

function workloadKind(group: string, kind: string, podPath: Path): WorkloadKind {
  return { group, kind, podSpecPath: [...podPath, "spec"], templateMetadataPath: [...podPath, "metadata"] };
}

/** How an object makes pods, or undefined for kinds without pods (a custom resource that is called Deployment is one). */
export function workloadOf(object: KubernetesObject): Workload | undefined {
  const kind = WORKLOAD_KINDS.get(object.kind);
  const slash = object.apiVersion.indexOf("/");
  const group = slash === -1 ? "" : object.apiVersion.slice(0, slash);
  if (kind?.group !== group) return undefined;
  return { ...kind, version: object.apiVersion.slice(slash + 1) };
}

/**
 * The pod spec of an object as plain value; undefined where it has none.
 *
 * @param workload of the object, where the caller has asked already
 */
export function podSpecValue(object: KubernetesObject, workload = workloadOf(object)): ValueMap | undefined {
  const spec = workload === undefined ? undefined : valueAt(object.value, workload.podSpecPath);
  return isValueMap(spec) ? spec : undefined;
}

/** `runtimeClassName` of an object's pods; undefined where missing or without pods. */
export function runtimeClassName(object: KubernetesObject): string | undefined {
  const name = valueAt(podSpecValue(object), ["runtimeClassName"]);
  return typeof name === "string" ? name : undefined;
}

/** Whether `generate` makes pods of this runtime class confidential: Initializer, sidecar and policy are for them. */
export function isContrastClass(name: string | undefined): boolean {
  return name?.startsWith("contrast-cc") ?? false;
}

/** Whether pods of this runtime class are confidential, so that `generate` gives them its own class. */
export function isConfidentialClass(name: string | undefined): boolean {
  return isContrastClass(name) || name === "kata-cc-isolation";
}
