import { isDeepStrictEqual } from "node:util";
import { isJsonObject, type Json, type JsonObject } from "../lib/json.ts";

/** One operation of RFC 6902. */
export interface JsonPatchOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  /** JSON Pointer. */
  readonly path: string;
  readonly from?: string | undefined;
  readonly value?: Json | undefined;
}

/** Why a patch does not fit the document. */
export class PatchMismatch extends Error {}

/**
 * Applies one operation to a document, which is not modified.
 *
 * @throws PatchMismatch when the path does not exist or a test fails
 * @see RFC 6902; RFC 6901 for pointers
 */
export function applyPatchOperation(document: Json, operation: JsonPatchOperation): Json {
  const path = parsePointer(operation.path);
  const from = (): readonly string[] => parsePointer(operation.from ?? "");
  const { op, value = null } = operation;
  switch (op) {
    case "add":
      return withAdded(document, path, value);
    case "remove":
      return withRemoved(document, path);
    case "replace":
      return path.length === 0 ? value : withAdded(withRemoved(document, path), path, value);
    case "move":
      return withAdded(withRemoved(document, from()), path, valueAt(document, from()));
    case "copy":
      return withAdded(document, path, valueAt(document, from()));
    case "test":
      if (isDeepStrictEqual(valueAt(document, path), value)) return document;
      throw new PatchMismatch(`the value at "${operation.path}" differs`);
    default:
      return op satisfies never;
  }
}

function parsePointer(pointer: string): readonly string[] {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) throw new PatchMismatch(`"${pointer}" is not a JSON Pointer`);
  const parts = pointer.slice(1).split("/");
  return parts.map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueAt(document: Json, path: readonly string[]): Json {
  let value: Json = document;
  for (const key of path) value = childOf(value, key);
  return value;
}

/** Inserts into arrays, sets in objects; the parent must exist. */
function withAdded(document: Json, path: readonly string[], value: Json): Json {
  return edited(document, path, value, (parent, key) => {
    if (isJsonObject(parent)) return { ...parent, [key]: value };
    const index = key === "-" ? parent.length : indexOf(key, parent.length);
    return parent.toSpliced(index, 0, value);
  });
}

function withRemoved(document: Json, path: readonly string[]): Json {
  return edited(document, path, null, (parent, key) => {
    childOf(parent, key);
    if (!isJsonObject(parent)) return parent.toSpliced(indexOf(key, parent.length - 1), 1);
    return Object.fromEntries(Object.entries(parent).filter(([name]) => name !== key));
  });
}

type Container = readonly Json[] | JsonObject;

/** Rebuilds the parents of the path's last key. */
function edited(
  document: Json,
  path: readonly string[],
  whole: Json,
  edit: (parent: Container, key: string) => Json,
): Json {
  const [key, ...rest] = path;
  if (key === undefined) return whole;
  if (!isContainer(document)) throw missing(key);
  if (rest.length === 0) return edit(document, key);
  const child = edited(childOf(document, key), rest, whole, edit);
  return isJsonObject(document) ? { ...document, [key]: child } : document.with(Number(key), child);
}

function childOf(parent: Json, key: string): Json {
  if (!isContainer(parent)) throw missing(key);
  const child = isJsonObject(parent)
    ? Object.hasOwn(parent, key)
      ? parent[key]
      : undefined
    : parent[indexOf(key, parent.length - 1)];
  if (child === undefined) throw missing(key);
  return child;
}

function isContainer(value: Json): value is Container {
  return typeof value === "object" && value !== null;
}

function indexOf(key: string, largest: number): number {
  if (!/^(?:0|[1-9]\d{0,8})$/.test(key) || Number(key) > largest) throw missing(key);
  return Number(key);
}

function missing(key: string): PatchMismatch {
  return new PatchMismatch(`the document has no "${key}" there`);
}
