import type { Json } from "../../src/lib/json.ts";

/** Everything inside of a value that has a place of its own, as keys from the outside. */
function placesOf(value: Json, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => placesOf(member as Json, [...path, key]))];
}

/** A copy in which one place holds what a function makes of it; undefined removes it. */
function replaced(value: Json, path: readonly string[], change: (old: Json) => Json | undefined): Json | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (Array.isArray(value)) {
    return value.flatMap((element: Json, index) => {
      const next = String(index) === key ? replaced(element, rest, change) : element;
      return next === undefined ? [] : [next];
    });
  }
  const members = Object.entries(value as object).map(([name, member]) => [
    name,
    name === key ? replaced(member as Json, rest, change) : (member as Json),
  ]);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined)) as Json;
}

const TEXTS = ["", "x", "..", "/", "root", "0", "$(POD_IP)", "CAP_SYS_ADMIN", "10.0.0.1", "a=b", "ü", "a".repeat(300)];

/** Another value of the same type, as an agent could receive it. */
function mutated(value: Json, random: (below: number) => number): Json | undefined {
  if (typeof value === "string") {
    const at = random(value.length + 1);
    const choices = [
      TEXTS[random(TEXTS.length)]!,
      `${value}x`,
      `x${value}`,
      value.slice(0, at),
      value.slice(0, at) + value.slice(at + 1),
      value.toUpperCase(),
      `${value}\n`,
      value.replace("/", "/../"),
    ];
    return choices[random(choices.length)]!;
  }
  if (typeof value === "number") return [0, 1, value + 1, value * 2, 65_534, 2 ** 32][random(6)]!;
  if (typeof value === "boolean") return !value;
  if (value === null) return null;
  if (Array.isArray(value)) {
    const [first] = value as readonly Json[];
    if (first === undefined) return [];
    return [[], [...value, first], value.slice(1), value.toReversed()][random(4)]! as Json;
  }
  const names = Object.keys(value);
  const name = names[random(Math.max(names.length, 1))] ?? "";
  const { [name]: removed, ...others } = value as Record<string, Json>;
  return random(2) === 0 || removed === undefined ? (others as Json) : { ...(value as object), [`${name}x`]: removed };
}

/** A request that differs from a given one in one or two places; deterministic for a source of numbers. */
export function mutateRequest(request: Json, random: (below: number) => number): Json {
  let current = request;
  for (let changes = 1 + random(2); changes > 0; changes--) {
    const places = placesOf(current).filter((path) => path.length > 0);
    const path = places[random(Math.max(places.length, 1))];
    if (path !== undefined) current = replaced(current, path, (old) => mutated(old, random)) ?? current;
  }
  return current;
}
