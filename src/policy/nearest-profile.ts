import { isJsonObject, type Json, type JsonObject } from "../lib/json.ts";
import type { UsualParts } from "./usual-parts.ts";

/** Members of a policy's data that come from the settings alone. */
const SETTINGS_MEMBERS = ["common", "sandbox", "request_defaults", "cluster_config"] as const;

/** One setting of a policy that is not as shipped. */
export interface ChangedSetting {
  /** Such as `common.sfprefix`. */
  readonly path: string;
  /** JSON text; undefined where the policy lacks it. */
  readonly inPolicy: string | undefined;
  /** JSON text; undefined where the profile lacks it. */
  readonly asShipped: string | undefined;
}

/** The shipped profile that a policy's settings are nearest to. */
export interface NearestProfile {
  readonly parts: UsualParts;
  readonly changes: readonly ChangedSetting[];
}

/** Finds the profile with the fewest differences. */
export function nearestProfile(data: JsonObject, profiles: readonly UsualParts[]): NearestProfile | undefined {
  const own = settingsOf(data);
  const candidates = profiles.map((parts): NearestProfile => ({ parts, changes: changesOf(own, shipped(parts)) }));
  return candidates.toSorted((left, right) => left.changes.length - right.changes.length)[0];
}

function changesOf(own: ReadonlyMap<string, string>, usual: ReadonlyMap<string, string>): readonly ChangedSetting[] {
  const paths = [...new Set([...own.keys(), ...usual.keys()])];
  return paths
    .filter((path) => own.get(path) !== usual.get(path))
    .map((path) => ({ path, inPolicy: own.get(path), asShipped: usual.get(path) }));
}

const flattened = new WeakMap<UsualParts, ReadonlyMap<string, string>>();

function shipped(parts: UsualParts): ReadonlyMap<string, string> {
  const known = flattened.get(parts) ?? settingsOf(parts.settings);
  flattened.set(parts, known);
  return known;
}

/** The settings as texts by path: objects are opened two levels deep, which is where the members with names are. */
function settingsOf(data: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const member of SETTINGS_MEMBERS) {
    const part: Json | undefined = JSON.parse(JSON.stringify(data[member] ?? {}));
    if (!isJsonObject(part)) texts.set(member, JSON.stringify(part));
    else for (const [name, value] of Object.entries(part)) open(`${member}.${name}`, value, texts);
  }
  return texts;
}

function open(path: string, value: Json, texts: Map<string, string>): void {
  if (isJsonObject(value))
    for (const [name, inner] of Object.entries(value)) texts.set(`${path}.${name}`, sortedText(inner));
  else texts.set(path, sortedText(value));
}

/** JSON text whose members are sorted, so that the order of writing does not count. */
function sortedText(value: Json): string {
  return JSON.stringify(value, (_key, inner: Json) =>
    isJsonObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
