import { isJsonObject, type Json, type JsonObject } from "../../lib/json.ts";
import { effectOfValue, isNamedMap, strategyOf } from "./part-strategy.ts";
import type { Effect, PolicyChange } from "./policy-change.ts";

/** Longest name of an element. */
const MAX_SUBJECT = 200;

/** A change before it is known which container it belongs to. */
export type PartChange = Omit<PolicyChange, "container">;

/**
 * Compares two JSON values element by element; every difference is told, at the smallest part that has one.
 *
 * @param path of the values, such as `OCI.Process.Env`
 */
export function compareData(path: string, before: Json | undefined, after: Json | undefined): readonly PartChange[] {
  if (before === undefined && after === undefined) return [];
  if (isList(before ?? after) && isList(after ?? before)) return compareLists(path, listOf(before), listOf(after));
  if (isJsonObject(before ?? after) && isJsonObject(after ?? before)) {
    return compareMaps(path, mapOf(before), mapOf(after));
  }
  const [was, is] = [textOf(before), textOf(after)];
  if (was === is) return [];
  const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  return [{ effect: effectOfValue(path, was, is), kind, part: path, subject: "", before: was, after: is }];
}

/** Text of a value: a string as it is, everything else as JSON with sorted members, mounts with their destination first. */
export function textOf(value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return JSON.stringify(value, (_key, inner: Json) => {
    if (!isJsonObject(inner)) return inner;
    const members = Object.entries(inner).toSorted(
      ([left], [right]) => rank(left) - rank(right) || (left < right ? -1 : 1),
    );
    return Object.fromEntries(members);
  });
}

function rank(member: string): number {
  return member === "destination" ? 0 : 1;
}

function compareMaps(path: string, before: JsonObject, after: JsonObject): readonly PartChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [was, is] = [own(before, name), own(after, name)];
    if (!isNamedMap(path)) return compareData(path === "" ? name : `${path}.${name}`, was, is);
    const [text, newText] = [textOf(was), textOf(is)];
    if (text === newText) return [];
    const effect =
      text === undefined
        ? "wider"
        : newText === undefined
          ? "narrower"
          : effectOfValue(`${path}["${name}"]`, text, newText);
    return [partChange(path, name, text, newText, effect)];
  });
}

function compareLists(path: string, before: readonly Json[], after: readonly Json[]): readonly PartChange[] {
  const strategy = strategyOf(path);
  if (strategy === undefined) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) => {
      const [was, is] = [textOf(before[index]), textOf(after[index])];
      if (was === is) return [];
      return [partChange(path, String(index), was, is, effectOfValue(path, was, is))];
    });
  }
  const { nameOf, added } = strategy;
  const old = byName(before, nameOf);
  const now = byName(after, nameOf);
  const names = [...new Set([...old.keys(), ...now.keys()])];
  return names.flatMap((name) => {
    const lost = without(old.get(name) ?? [], now.get(name) ?? []);
    const gained = without(now.get(name) ?? [], old.get(name) ?? []);
    const pairs = Math.min(lost.length, gained.length);
    return [
      ...lost.slice(0, pairs).map((text, index) => {
        const is = gained[index] ?? "";
        return partChange(path, name, text, is, effectOfValue(path, text, is));
      }),
      ...lost.slice(pairs).map((text) => partChange(path, name, text, undefined, opposite(added))),
      ...gained.slice(pairs).map((text) => partChange(path, name, undefined, text, added)),
    ];
  });
}

/** What is left of a list when each element of another one takes one of its equals away; how often counts. */
function without(list: readonly string[], taken: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of taken) counts.set(text, (counts.get(text) ?? 0) + 1);
  return list.filter((text) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}

function byName(list: readonly Json[], nameOf: (element: string) => string): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(
    list.map((element) => textOf(element) ?? ""),
    (text) => nameOf(text),
  );
}

/** @param name of the element; what has no other name than itself is not told twice */
function partChange(
  part: string,
  name: string,
  before: string | undefined,
  after: string | undefined,
  effect: Effect,
): PartChange {
  const kind = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const short = name.length > MAX_SUBJECT ? `${name.slice(0, MAX_SUBJECT)}…` : name;
  return { effect, kind, part, subject: name === (before ?? after) ? "" : short, before, after };
}

function opposite(effect: Effect): Effect {
  return effect === "wider" ? "narrower" : effect === "narrower" ? "wider" : "other";
}

function own(map: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function listOf(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function mapOf(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
