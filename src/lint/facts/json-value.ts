import type { Json } from "../../lib/json.ts";
import { isValueList, isValueMap, ownValue, setOwn, type Value, type ValueMap } from "../../kubernetes/value.ts";

/** The same value for JSON: integers beyond 2^53 become decimal text. A value without such integers is handed on. */
export function jsonValue(value: Value): Json {
  if (isJson(value)) return value;
  if (typeof value === "bigint") return String(value);
  if (isValueList(value)) return value.map(jsonValue);
  return isValueMap(value) ? jsonMap(value) : null;
}

/** Like `jsonValue()` for a map, without the members in `leftOut`. */
export function jsonMap(map: ValueMap, leftOut: readonly string[] = []): Readonly<Record<string, Json>> {
  const copy: Record<string, Json> = {};
  for (const key of Object.keys(map)) {
    if (!leftOut.includes(key)) setOwn(copy, key, jsonValue(map[key] ?? null));
  }
  return copy;
}

/** Some members of a map, those of them that are there. */
export function pickJson(map: ValueMap, keys: readonly string[]): Record<string, Json> {
  const copy: Record<string, Json> = {};
  for (const key of keys) {
    const value = ownValue(map, key);
    if (value !== undefined) copy[key] = jsonValue(value);
  }
  return copy;
}

/** Whether no part of a value is an integer that JSON numbers cannot hold. */
function isJson(value: Value): value is Json {
  if (typeof value !== "object" || value === null) return typeof value !== "bigint";
  if (isValueList(value)) {
    for (const item of value) if (!isJson(item)) return false;
    return true;
  }
  if (!isValueMap(value)) return false;
  for (const key in value) if (!isJson(value[key] ?? null)) return false;
  return true;
}
