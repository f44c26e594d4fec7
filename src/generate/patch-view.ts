import type { ErrorCode } from "../lib/error-codes.ts";
import type { Place, Problems } from "../lib/problems.ts";
import type { Path } from "../kubernetes/path.ts";
import type { Value, ValueMap } from "../kubernetes/value.ts";
import { isValueList, isValueMap, ownValue, valueAt } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";

/** Where findings about one object go. */
export interface ObjectContext {
  readonly problems: Problems;
  /** The place of a path inside the object. */
  locate(path: Path): Place;
}

/** An object with pods, as far as patching cares. */
export interface PatchView {
  readonly object: ValueMap;
  readonly workload: Workload;
  readonly podSpec: ValueMap;
}

/** Looks at an object with `metadata` and a pod spec; every other object passes through `generate` untouched. */
export function viewForPatch(object: ValueMap, workload: Workload): PatchView | undefined {
  const podSpec = valueAt(object, workload.podSpecPath);
  return isValueMap(ownValue(object, "metadata")) && isValueMap(podSpec) ? { object, workload, podSpec } : undefined;
}

/** The runtime class of a pod spec, or undefined. */
export function runtimeClassOf(podSpec: ValueMap): string | undefined {
  const name = ownValue(podSpec, "runtimeClassName");
  return typeof name === "string" ? name : undefined;
}

/** A list of maps in an object; absent and null are empty. Wrong types are reported and end in undefined. */
export function mapsAt(
  map: ValueMap,
  key: string,
  path: Path,
  context: ObjectContext,
): readonly ValueMap[] | undefined {
  const value = ownValue(map, key);
  if (value === undefined || value === null) return [];
  const listPath = [...path, key];
  if (!isValueList(value)) return wrongType(context, listPath, "a list");
  const items = value.filter((item) => isValueMap(item));
  if (items.length === value.length) return items;
  return wrongType(context, [...listPath, value.findIndex((item) => !isValueMap(item))], "a map");
}

/** Reports a value of the wrong type. */
function wrongType(context: ObjectContext, path: Path, wanted: string): undefined {
  reportError(context, "generate/wrong-type", path, `got another type, need ${wanted}`);
  return undefined;
}

/** Adds an error about a path of the object. */
export function reportError(context: ObjectContext, code: ErrorCode, path: Path, message: string, hint?: string): void {
  context.problems.error({ ...context.locate(path), code, message, hint });
}

/** Adds a warning about a path of the object. */
export function reportWarning(
  context: ObjectContext,
  code: ErrorCode,
  path: Path,
  message: string,
  hint?: string,
): void {
  context.problems.warn({ ...context.locate(path), code, message, hint });
}

/** The text of a member, or undefined where it is absent or no text. */
export function textAt(value: Value | undefined, ...path: Path): string | undefined {
  const found = valueAt(value, path);
  return typeof found === "string" ? found : undefined;
}

/** The maps of a list; anything else is left out. For looking at a pod, never for changing it. */
export function mapsIn(value: Value | undefined): readonly ValueMap[] {
  return isValueList(value) ? value.filter((item) => isValueMap(item)) : [];
}
