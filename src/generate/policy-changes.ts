import { type KubernetesObject, objectsOf } from "../kubernetes/object.ts";
import { valueAt } from "../kubernetes/value.ts";
import { workloadOf } from "../kubernetes/workload.ts";
import { YamlStream } from "../kubernetes/yaml-stream.ts";
import type { FileChange } from "../lib/dry-run.ts";
import { ContrastError } from "../lib/errors.ts";
import { type DecodedPolicy, decodeAnnotation } from "../policy/decode-policy.ts";
import { INITDATA_ANNOTATION } from "../policy/initdata/initdata-annotation.ts";
import { POLICY_ANNOTATION } from "../policy/policy-annotation.ts";

/** A workload whose policy differs between two texts of a file. */
export interface PolicyChange {
  /** Kind and name, such as `Deployment web`. */
  readonly object: string;
  readonly namespace: string | undefined;
  /** Undefined where the workload had none, or one that cannot be read. */
  readonly before: DecodedPolicy | undefined;
  readonly after: DecodedPolicy | undefined;
}

/** Compares the policies of the workloads in a YAML file. */
export function policyChanges({ path, before, after }: FileChange): readonly PolicyChange[] {
  const old = policiesIn(before ?? "", path);
  const changes: PolicyChange[] = [];
  for (const [key, { object, namespace, policy }] of policiesIn(after, path)) {
    const previous = old.get(key)?.policy;
    old.delete(key);
    if (previous?.hashHex !== policy?.hashHex) changes.push({ object, namespace, before: previous, after: policy });
  }
  for (const { object, namespace, policy } of old.values()) {
    if (policy !== undefined) changes.push({ object, namespace, before: policy, after: undefined });
  }
  return changes;
}

interface WorkloadInText {
  readonly object: string;
  readonly namespace: string | undefined;
  readonly policy: DecodedPolicy | undefined;
}

function policiesIn(text: string, path: string): Map<string, WorkloadInText> {
  const ignore = (): void => {};
  const found = new Map<string, WorkloadInText>();
  for (const object of objectsOf(new YamlStream(text, path, ignore), ignore)) {
    const { label, namespace } = object;
    if (workloadOf(object) === undefined) continue;
    found.set(JSON.stringify([label, namespace]), { object: label, namespace, policy: policyOf(object) });
  }
  return found;
}

function policyOf(object: KubernetesObject): DecodedPolicy | undefined {
  const path = workloadOf(object)?.templateMetadataPath ?? [];
  for (const key of [INITDATA_ANNOTATION, POLICY_ANNOTATION]) {
    const value = valueAt(object.value, [...path, "annotations", key]);
    if (typeof value !== "string") continue;
    try {
      return decodeAnnotation(value);
    } catch (error) {
      // What no guest could read is no policy; generate puts another one in its place.
      if (!(error instanceof ContrastError)) throw error;
    }
  }
  return undefined;
}
