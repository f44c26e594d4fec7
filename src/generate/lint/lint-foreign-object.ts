import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Path } from "../../kubernetes/path.ts";
import { isValueList, isValueMap, type Value } from "../../kubernetes/value.ts";
import { isConfidentialClass } from "../../kubernetes/workload.ts";
import type { Problems } from "../../lib/problems.ts";

/**
 * Looks for a confidential runtime class in an object that makes no pods as far as this program knows, such as a custom
 * resource or an old version of a built-in kind. It passes through, and its pods would get no policy.
 *
 * @param problems receives the warning `generate/object-not-patched`
 */
export function lintForeignObject(object: KubernetesObject, problems: Problems): void {
  const path = runtimeClassPath(object.value, []);
  if (path === undefined) return;
  problems.warn({
    ...object.locate(path),
    code: "generate/object-not-patched",
    message: `${object.apiVersion} ${object.kind} is no kind of workload that gets a policy; the object stays as it is`,
    hint: "Use a built-in kind such as apps/v1 Deployment for confidential pods.",
  });
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
