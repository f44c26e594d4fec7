import type { Path } from "../../src/kubernetes/path.ts";
import { isValueList, isValueMap, type Value, valueAt } from "../../src/kubernetes/value.ts";

/**
 * Every scalar of a value as path and value, as tables of fields have them: `spec.containers[0].image`. An empty map or
 * list is a scalar too.
 */
export function leavesOf(value: Value, path = ""): Readonly<Record<string, Value>> {
  const entries: readonly (readonly [string, Value])[] = isValueList(value)
    ? value.map((item, index) => [`${path}[${index}]`, item])
    : isValueMap(value)
      ? Object.entries(value).map(([key, member]) => [path + step(key, path === ""), member])
      : [];
  if (entries.length === 0) return { [path]: value };
  return Object.assign({}, ...entries.map(([inner, member]) => leavesOf(member, inner)));
}

function step(key: string, isFirst: boolean): string {
  if (/[./]/.test(key)) return `[${key}]`;
  return isFirst ? key : `.${key}`;
}

/** The text at a path of a value; anything else there fails the test. */
export function textAt(value: Value | undefined, ...path: Path): string {
  const found = valueAt(value, path);
  if (typeof found !== "string") throw new Error(`no text at ${path.join(".")}`);
  return found;
}
