import { isJsonObject, type Json, type JsonObject } from "../../../src/lib/json.ts";

type Random = (below: number) => number;

/** Texts that mean something to the rules, beside those that the request has itself. */
const TEXTS = [
  "",
  "x",
  "..",
  "/etc",
  "pause",
  "container",
  "sandbox",
  "CAP_SYS_ADMIN",
  "LD_PRELOAD=/x.so",
  "$(host-name)",
];

/**
 * A copy of a request with up to three changes somewhere in it: a text replaced or extended, a number or flag changed,
 * an element of a list removed, doubled, moved or brought from elsewhere, a member removed. Types stay as they are.
 */
export function mutateRequest(request: Json, random: Random): Json {
  let mutated = request;
  for (let changes = 1 + random(3); changes > 0; changes--)
    mutated = mutateOne(mutated, pathOf(mutated, random), random);
  return mutated;
}

/** Way to a random value; each step has the same chance, so that what is high up changes as often as what is deep. */
function pathOf(value: Json, random: Random): readonly string[] {
  if (!isTree(value)) return [];
  const keys = Object.keys(value);
  const key = keys[random(keys.length)];
  if (key === undefined || random(8) === 0) return [];
  const inner: Json = Reflect.get(value, key) as Json;
  return [key, ...pathOf(inner, random)];
}

function mutateOne(value: Json, [key, ...rest]: readonly string[], random: Random): Json {
  if (key === undefined) return changed(value, random);
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => (String(index) === key ? mutateOne(item, rest, random) : item));
  }
  if (!isJsonObject(value)) return value;
  return { ...value, [key]: mutateOne(value[key] ?? null, rest, random) };
}

function changed(value: Json, random: Random): Json {
  if (typeof value === "string") return changedText(value, random);
  if (typeof value === "number") return random(3) === 0 ? 0 : value + 1;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return changedList(value, random);
  return isJsonObject(value) ? changedObject(value, random) : value;
}

function changedText(text: string, random: Random): string {
  const at = random(text.length + 1);
  switch (random(4)) {
    case 0:
      return TEXTS[random(TEXTS.length)] ?? "";
    case 1:
      return `${text.slice(0, at)}x${text.slice(at)}`;
    case 2:
      return text.slice(0, at) + text.slice(at + 1);
    default:
      return `${text}\n`;
  }
}

function changedList(list: readonly Json[], random: Random): Json {
  const at = random(list.length + 1);
  const item = list[random(list.length)];
  switch (random(4)) {
    case 0:
      return list.filter((_, index) => index !== at);
    case 1:
      return item === undefined ? list : [...list.slice(0, at), item, ...list.slice(at)];
    case 2:
      return list.toReversed();
    default:
      return item === undefined ? list : [...list, changed(item, random)];
  }
}

function changedObject(value: JsonObject, random: Random): Json {
  const keys = Object.keys(value);
  const key = keys[random(keys.length)];
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function isTree(value: Json): value is JsonObject | readonly Json[] {
  return typeof value === "object" && value !== null;
}
