import type { Codec, UnknownFields } from "./go-json-codec.ts";
import { NO_UNKNOWN_FIELDS, wrongType } from "./go-json-codec.ts";
import type { JsonNode } from "./go-json-node.ts";

/** One member of a struct: its JSON name and how its value is treated. */
export interface StructField<T> {
  readonly name: string;
  readonly codec: Codec<T>;
  /** Left out of the output when the value is empty. */
  readonly omitEmpty: boolean;
}

/** A member that is always written. */
export function field<T>(name: string, codec: Codec<T>): StructField<T> {
  return { name, codec, omitEmpty: false };
}

/** A member with Go's `omitempty`. */
export function omitEmptyField<T>(name: string, codec: Codec<T>): StructField<T> {
  return { name, codec, omitEmpty: true };
}

type Fields<T> = { readonly [Key in keyof T]: StructField<T[Key]> };

/** A struct's value together with the members that this version does not know. */
export type WithUnknown<T> = T & { readonly unknown: UnknownFields };

/**
 * A Go struct: members are matched by exact name first, then without regard to letter case, and written in the order
 * of `fields`, then the unknown ones.
 *
 * @see Go encoding/json decode.go object, fold.go
 */
export function goStruct<T extends object>(fields: Fields<T>): Codec<WithUnknown<T>> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  const byName = new Map(keys.map((key) => [fields[key].name, key]));
  const byFoldedName = new Map(keys.map((key) => [foldName(fields[key].name), key]));
  const zero = {
    ...Object.fromEntries(keys.map((key) => [key, fields[key].codec.zero])),
    unknown: NO_UNKNOWN_FIELDS,
  } as WithUnknown<T>;
  return {
    zero,
    decode(node, current, path, problems) {
      if (node.kind === "null") return current;
      if (node.kind !== "object") {
        wrongType(problems, path, node, "an object");
        return current;
      }
      const value: Record<string, unknown> = { ...current };
      const unknown = new Map(current.unknown);
      for (const [name, member] of node.members) {
        const key = byName.get(name) ?? byFoldedName.get(foldName(name));
        if (key === undefined) {
          unknown.set(name, member);
        } else {
          const { codec, name: fieldName } = fields[key];
          const memberPath = path === "" ? fieldName : `${path}.${fieldName}`;
          value[key] = codec.decode(member, value[key] as T[keyof T & string], memberPath, problems);
        }
      }
      return { ...value, unknown } as WithUnknown<T>;
    },
    encode(value) {
      const members: [string, JsonNode][] = [];
      for (const key of keys) {
        const { name, codec, omitEmpty } = fields[key];
        if (!omitEmpty || !codec.isEmpty(value[key])) members.push([name, codec.encode(value[key])]);
      }
      return { kind: "object", members: [...members, ...value.unknown] };
    },
    isEmpty: () => false,
  };
}

/** Go folds ASCII letters and the two other characters that Unicode folds into ASCII letters. */
function foldName(name: string): string {
  return name
    .replaceAll("\u017f", "s")
    .replaceAll("\u212a", "k")
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
