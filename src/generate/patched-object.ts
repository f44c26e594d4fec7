import { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import { isValueList, isValueMap, ownValue, type Value, type ValueMap } from "../kubernetes/value.ts";
import type { Place } from "../lib/problems.ts";

/**
 * An object after patching that still knows the text it came from: a path of the patched object is translated to the
 * place of the same thing in the input, although injected containers have moved the others.
 */
export class PatchedObject extends KubernetesObject {
  readonly source: KubernetesObject;

  constructor(source: KubernetesObject, value: ValueMap) {
    super(source.document, source.prefix, value, source.apiVersion, source.kind);
    this.source = source;
  }

  override locate(path: Path): Place {
    return this.source.locate(originalPath(this.value, this.source.value, path));
  }
}

/**
 * The path in `original` of what `path` names in `patched`. List items with a name are found by name. A path that leads
 * into something that patching added ends at its nearest parent that the user wrote.
 */
export function originalPath(patched: Value, original: Value, path: Path): Path {
  const result: (string | number)[] = [];
  let here: Value | undefined = patched;
  let there: Value | undefined = original;
  for (const step of path) {
    if (typeof step === "number") {
      const item: Value | undefined = isValueList(here) ? here[step] : undefined;
      const index: number = isValueList(there) && isValueList(here) ? sameItem(here, there, step) : -1;
      if (index < 0) return result;
      result.push(index);
      here = item;
      there = isValueList(there) ? there[index] : undefined;
    } else {
      result.push(step);
      here = isValueMap(here) ? ownValue(here, step) : undefined;
      there = isValueMap(there) ? ownValue(there, step) : undefined;
    }
  }
  return result;
}

/**
 * Index of an item in the original list, -1 where it was added. Of several items with one name, as mounts of the same
 * volume are, each stands for the one at the same turn.
 */
function sameItem(patched: readonly Value[], original: readonly Value[], index: number): number {
  const name = nameOf(patched[index]);
  if (name === undefined) return index < original.length ? index : -1;
  const turn = patched.slice(0, index).filter((each) => nameOf(each) === name).length;
  return [...original.keys()].filter((each) => nameOf(original[each]) === name)[turn] ?? -1;
}

function nameOf(item: Value | undefined): string | undefined {
  const name = isValueMap(item) ? ownValue(item, "name") : undefined;
  return typeof name === "string" ? name : undefined;
}
