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

interface WorkloadKind {
  readonly group: string;
  readonly podPath: Path;
}

const TEMPLATE: Path = ["spec", "template"];

const WORKLOAD_KINDS: ReadonlyMap<string, WorkloadKind> = new Map([
  ["Pod", { group: "", podPath: [] }],
  ["ReplicationController", { group: "", podPath: TEMPLATE }],
  ["Deployment", { group: "apps", podPath: TEMPLATE }],
  ["StatefulSet", { group: "apps", podPath: TEMPLATE }],
  ["DaemonSet", { group: "apps", podPath: TEMPLATE }],
  ["ReplicaSet", { group: "apps", podPath: TEMPLATE }],
  ["Job", { group: "batch", podPath: TEMPLATE }],
  ["CronJob", { group: "batch", podPath: ["spec", "jobTemplate", "spec", "template"] }],
]);

/** How an object makes pods, or undefined for kinds without pods (a custom resource that is called Deployment is one). */
export function workloadOf(object: KubernetesObject): Workload | undefined {
  const kind = WORKLOAD_KINDS.get(object.kind);
  const slash = object.apiVersion.indexOf("/");
  const group = slash === -1 ? "" : object.apiVersion.slice(0, slash);
  if (kind?.group !== group) return undefined;
  return {
    group,
    version: object.apiVersion.slice(slash + 1),
    kind: object.kind,
    podSpecPath: [...kind.podPath, "spec"],
    templateMetadataPath: [...kind.podPath, "metadata"],
  };
}

/** The pod spec of an object as plain value; undefined where it has none. */
export function podSpecValue(object: KubernetesObject): ValueMap | undefined {
  const workload = workloadOf(object);
  const spec = workload === undefined ? undefined : valueAt(object.value, workload.podSpecPath);
  return isValueMap(spec) ? spec : undefined;
}

/** `runtimeClassName` of an object's pods; undefined where missing or without pods. */
export function runtimeClassName(object: KubernetesObject): string | undefined {
  const name = valueAt(podSpecValue(object), ["runtimeClassName"]);
  return typeof name === "string" ? name : undefined;
}

/** Whether pods of this runtime class are confidential, so that `generate` gives them its own class. */
export function isConfidentialClass(name: string | undefined): boolean {
  return name !== undefined && (name.startsWith("contrast-cc") || name === "kata-cc-isolation");
}
