import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Path } from "../../kubernetes/path.ts";
import { isValueList, isValueMap, type Value } from "../../kubernetes/value.ts";
import { isConfidentialClass, workloadOf } from "../../kubernetes/workload.ts";
import type { Problems } from "../../lib/problems.ts";

/**
 * Looks for a confidential runtime class in an object that makes no pods as far as this program knows, such as a custom
 * resource, an old version of a built-in kind, or an object without metadata. It passes through, and its pods would get
 * no policy.
 *
 * @param problems receives the warning `generate/object-not-patched`
 */
export function lintForeignObject(object: KubernetesObject, problems: Problems): void {
  const path = runtimeClassPath(object.value, []);
  if (path === undefined) return;
  const reason =
    workloadOf(object) === undefined
      ? `${object.apiVersion} ${object.kind} is no kind of workload that gets a policy`
      : `a ${object.kind} without metadata gets no policy`;
  const hint =
    workloadOf(object) === undefined
      ? "Use a built-in kind such as apps/v1 Deployment for confidential pods."
      : "Write metadata with a name.";
  const message = `${reason}; the object stays as it is`;
  problems.warn({ ...object.locate(path), code: "generate/object-not-patched", message, hint });
}

function runtimeClassPath(value: Value, path: Path): Path | undefined {
  const members: readonly (readonly [string | number, Value])[] = isValueList(value)
    ? [...value.entries()]
    : isValueMap(value)
      ? Object.entries(value)
      : [];
  for (const [key, member] of members) {
    const found = [...path, key];
    if (key === "runtimeClassName" && typeof member === "string" && isConfidentialClass(member)) return found;
    const inside = runtimeClassPath(member, found);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
