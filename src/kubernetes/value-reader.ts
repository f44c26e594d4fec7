import { isValueList, isValueMap, ownValue, type Value, type ValueMap } from "./value.ts";

const NO_MAP: ValueMap = {};

/** The map under a key; an empty one where there is something else. */
export function mapAt(map: ValueMap, key: string): ValueMap {
  const value = ownValue(map, key);
  return isValueMap(value) ? value : NO_MAP;
}

/** The list under a key; an empty one where there is something else. */
export function listAt(map: ValueMap, key: string): readonly Value[] {
  const value = ownValue(map, key);
  return isValueList(value) ? value : [];
}

/** The text under a key; undefined where there is something else. */
export function textAt(map: ValueMap, key: string): string | undefined {
  const value = ownValue(map, key);
  return typeof value === "string" ? value : undefined;
}
