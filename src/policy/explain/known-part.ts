import type { Path } from "../../kubernetes/path.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";

/** How much of a value of a request that was cut is known. */
export type Knowledge = "whole" | "part" | "none";

/** The value at a path, or undefined where the path does not exist. */
export function jsonAt(value: Json | undefined, path: Path): Json | undefined {
  let current: Json | undefined = value;
  for (const step of path) {
    if (typeof step === "number") current = itemOf(current, step);
    else current = isJsonObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  }
  return current;
}

function itemOf(value: Json | undefined, index: number): Json | undefined {
  const items: readonly Json[] = Array.isArray(value) ? value : [];
  return items[index];
}

/**
 * How much is known of the value at a path. A value that a whole object lacks is known: it is not set.
 *
 * @param cut way to what was being read when the text ended; undefined for a complete request
 */
export function knowledgeOf(request: Json, cut: Path | undefined, path: Path): Knowledge {
  if (cut === undefined) return "whole";
  const exists = jsonAt(request, path) !== undefined;
  if (isPrefix(path, cut)) return exists ? "part" : "none";
  if (exists) return "whole";
  let length = path.length - 1;
  while (length > 0 && jsonAt(request, path.slice(0, length)) === undefined) length--;
  return isPrefix(path.slice(0, length), cut) ? "none" : "whole";
}

function isPrefix(path: Path, of: Path): boolean {
  return path.length <= of.length && path.every((step, index) => step === of[index]);
}
