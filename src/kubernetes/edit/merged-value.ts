import type { EditContext } from "./edit-context.ts";
import { equalValues, isValueMap, setOwn, type Value, type ValueMap } from "../value.ts";
import type { MapEntry, YamlNode } from "../yaml-node.ts";
import { readValue } from "../yaml-value.ts";

/**
 * What the map will mean with its merge keys and the entries that stay, before new keys are added.
 *
 * @returns undefined when merge keys bring something that is not wanted or hide an entry
 */
export function mergedValue(
  context: EditContext,
  named: readonly { readonly entry: MapEntry; readonly name: string | undefined }[],
  desired: ValueMap,
): ValueMap | undefined {
  const result: Record<string, Value> = {};
  const own = new Set<string>();
  for (const { entry, name } of named) {
    if (name !== undefined) {
      if (Object.hasOwn(desired, name)) setOwn(result, name, desired[name] ?? null);
      own.add(name);
      continue;
    }
    const source = mergeSource(context, entry.value);
    if (source === undefined) return undefined;
    for (const key of Object.keys(source)) setOwn(result, key, source[key] ?? null);
  }
  for (const key of Object.keys(result)) {
    if (!Object.hasOwn(desired, key)) return undefined;
    if (own.has(key) && !equalValues(result[key], desired[key])) return undefined;
  }
  return result;
}

/** The map behind a merge key after the edit; only aliases and lists of aliases stay as they are. */
function mergeSource(context: EditContext, node: YamlNode): ValueMap | undefined {
  if (node.kind === "alias") {
    const value = context.aliasValue(node);
    return isValueMap(value) ? value : undefined;
  }
  if (node.kind === "sequence") {
    const result: Record<string, Value> = {};
    for (const item of node.items.toReversed()) {
      const source = mergeSource(context, item.value);
      if (source === undefined) return undefined;
      for (const key of Object.keys(source)) setOwn(result, key, source[key] ?? null);
    }
    return result;
  }
  const { value, faults, hasAnchors } = readValue(node);
  return faults.length === 0 && !hasAnchors && isValueMap(value) ? value : undefined;
}
