import type { Json } from "../lib/json.ts";
import { isJsonObject } from "../lib/json.ts";

/** A value that two JSON trees do not share. */
export interface LeafDifference {
  /** Such as `MinimumTCB.SNPVersion` or `Rtrms[0]`. */
  readonly path: string;
  /** Undefined where the tree has no such member. */
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Compares two trees value by value; hexadecimal text is compared as the bytes that it stands for. */
export function leafDifferences(
  before: Json | undefined,
  after: Json | undefined,
  path = "",
): readonly LeafDifference[] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => leafDifferences(before[name], after[name], path === "" ? name : `${path}.${name}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const indices = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
    return indices.flatMap((index) => leafDifferences(before[index], after[index], `${path}[${index}]`));
  }
  return leafKey(before) === leafKey(after) ? [] : [{ path, before, after }];
}

function leafKey(value: Json | undefined): string | undefined {
  if (typeof value === "string" && /^[0-9A-Fa-f]+$/.test(value)) return JSON.stringify(value.toLowerCase());
  return value === undefined ? undefined : JSON.stringify(value);
}
