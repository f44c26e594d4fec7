import type { Path } from "../kubernetes/path.ts";
import { isValueList, isValueMap, ownValue, type ValueMap, valueAt, withValueAt } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";

/** An image that a pod names. */
export interface ImageUse {
  readonly reference: string;
  /** Where the object names it, such as `spec.containers[0].image`. */
  readonly path: Path;
}

/** The images of a pod, init containers first, in order. */
export function workloadImages(object: ValueMap, workload: Workload): readonly ImageUse[] {
  return ["initContainers", "containers"].flatMap((list) => {
    const containers = valueAt(object, [...workload.podSpecPath, list]);
    if (!isValueList(containers)) return [];
    return containers.flatMap((container, index) => {
      const reference = isValueMap(container) ? ownValue(container, "image") : undefined;
      if (typeof reference !== "string") return [];
      return [{ reference, path: [...workload.podSpecPath, list, index, "image"] }];
    });
  });
}

/** A copy of the object in which each image is what `replace` makes of it; the same object where nothing changes. */
export function withImages(object: ValueMap, workload: Workload, replace: (reference: string) => string): ValueMap {
  let result: ValueMap = object;
  for (const { reference, path } of workloadImages(object, workload)) {
    const replacement = replace(reference);
    if (replacement === reference) continue;
    const replaced = withValueAt(result, path, replacement);
    if (isValueMap(replaced)) result = replaced;
  }
  return result;
}
