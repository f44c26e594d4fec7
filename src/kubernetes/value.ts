import type { Path } from "./path.ts";

/**
 * A Kubernetes value as the Kubernetes tool chain reads it from YAML. Integers beyond 2^53 are `bigint`.
 * Values are shared (aliases, unchanged parts of an edited object) and never modified.
 */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueMap;

/** A map with string keys; every key is an own property, `__proto__` included. */
export interface ValueMap {
  readonly [key: string]: Value;
}

/** Whether a value is a map (not null, not a list). */
export function isValueMap(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a list. */
export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The value of an own key; inherited names such as `toString` are not found. */
export function ownValue(map: ValueMap, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Sets an own key, also for the names that plain assignment would treat as something else. */
export function setOwn<Item>(map: Record<string, Item>, key: string, value: Item): void {
  if (key === "__proto__")
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

/** Whether two values are the same; the order of map keys does not matter, 0 and -0 are the same. */
export function equalValues(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (isValueList(left)) {
    if (!isValueList(right) || left.length !== right.length) return false;
    return left.every((item, index) => equalValues(item, right[index]));
  }
  if (!isValueMap(left) || !isValueMap(right)) return false;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && equalValues(left[key], right[key]));
}

/** The value at a path, or undefined where the path does not exist. */
export function valueAt(value: Value | undefined, path: Path): Value | undefined {
  let current: Value | undefined = value;
  for (const step of path) {
    if (typeof step === "number") current = isValueList(current) ? current[step] : undefined;
    else current = isValueMap(current) ? ownValue(current, step) : undefined;
  }
  return current;
}

/**
 * A copy with another value at a path; only the maps and lists on the way are new. Missing maps on the way are made.
 */
export function withValueAt(value: Value | undefined, path: Path, replacement: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (typeof step === "number") {
    const list = isValueList(value) ? [...value] : [];
    list[step] = withValueAt(list[step], rest, replacement);
    return list;
  }
  const map: Record<string, Value> = {};
  if (isValueMap(value)) for (const key of Object.keys(value)) setOwn(map, key, value[key] ?? null);
  setOwn(map, step, withValueAt(Object.hasOwn(map, step) ? map[step] : undefined, rest, replacement));
  return map;
}
