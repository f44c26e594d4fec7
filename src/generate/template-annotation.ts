import type { Path } from "../kubernetes/path.ts";
import { isValueMap, valueAt, type ValueMap } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";
import { replaceAt, withMember } from "./edit-value.ts";

/**
 * Sets an annotation of the pods that a workload makes; metadata and annotations are added where they are missing.
 *
 * @returns the same object when the annotation has that value already
 */
export function withTemplateAnnotation(object: ValueMap, workload: Workload, key: string, value: string): ValueMap {
  const path = workload.templateMetadataPath;
  const metadata = mapAt(object, path);
  const annotations = withMember(mapAt(metadata, ["annotations"]), key, value);
  const newMetadata = withMember(metadata, "annotations", annotations);
  const parentPath = path.slice(0, -1);
  const parent = withMember(mapAt(object, parentPath), "metadata", newMetadata);
  return parentPath.length === 0 ? parent : replaceAt(object, parentPath, parent);
}

/** The map at a path; an empty one where there is nothing. */
function mapAt(value: ValueMap, path: Path): ValueMap {
  const found = valueAt(value, path);
  return isValueMap(found) ? found : {};
}
