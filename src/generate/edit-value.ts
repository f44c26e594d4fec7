import type { Path } from "../kubernetes/path.ts";
import type { Value, ValueMap } from "../kubernetes/value.ts";
import { equalValues, isValueList, isValueMap, ownValue, setOwn, valueAt, withValueAt } from "../kubernetes/value.ts";

/**
 * A copy with one member set; the same map when it has that value already. A new member of a map whose keys are in
 * ascending order goes to its place in that order, otherwise to the end.
 */
export function withMember(map: ValueMap, key: string, value: Value): ValueMap {
  if (Object.hasOwn(map, key) && equalValues(map[key], value)) return map;
  const keys = Object.keys(map);
  const isSorted = keys.every((each, index) => index === 0 || (keys[index - 1] ?? "") < each);
  const following = isSorted && !Object.hasOwn(map, key) ? keys.find((each) => each > key) : undefined;
  const copy: Record<string, Value> = {};
  for (const each of keys) {
    if (each === following) setOwn(copy, key, value);
    setOwn(copy, each, each === key ? value : (ownValue(map, each) ?? null));
  }
  if (!Object.hasOwn(copy, key)) setOwn(copy, key, value);
  return copy;
}

/** A copy without one member; the same map when it is not there. */
export function withoutMember(map: ValueMap, key: string): ValueMap {
  if (!Object.hasOwn(map, key)) return map;
  const copy: Record<string, Value> = {};
  for (const each of Object.keys(map)) if (each !== key) setOwn(copy, each, ownValue(map, each) ?? null);
  return copy;
}

/** A copy with another value at a path; the same object when the value is the same one. */
export function replaceAt(object: ValueMap, path: Path, value: Value): ValueMap {
  if (valueAt(object, path) === value) return object;
  const changed = withValueAt(object, path, value);
  return isValueMap(changed) ? changed : object;
}

/**
 * The new value made of the old value's parts wherever they are equal, so that unchanged parts are recognised by
 * identity. Nothing at all changed exactly when the old value itself is returned.
 */
export function keepEqualParts(before: Value | undefined, after: Value): Value {
  if (before === after || before === undefined) return after;
  if (equalValues(before, after)) return before;
  if (isValueList(before) && isValueList(after)) {
    const known = new Set(before);
    const byName = new Map(before.filter((item) => nameOf(item) !== undefined).map((item) => [nameOf(item), item]));
    return after.map((item, index) =>
      known.has(item) ? item : keepEqualParts(byName.get(nameOf(item)) ?? before[index], item),
    );
  }
  if (isValueMap(before) && isValueMap(after)) {
    const kept: Record<string, Value> = {};
    for (const [key, value] of Object.entries(after)) setOwn(kept, key, keepEqualParts(ownValue(before, key), value));
    return kept;
  }
  return after;
}

/** What identifies an item of a Kubernetes list; undefined for the few lists without names. */
function nameOf(item: Value): Value | undefined {
  return isValueMap(item) ? ownValue(item, "name") : undefined;
}
