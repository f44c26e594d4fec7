import type { JsonNode } from "./go-json-node.ts";
import type { Problems } from "../problems.ts";

/**
 * Reads and writes one type the way Go's `encoding/json` treats the corresponding Go type.
 *
 * Decoding continues into a current value because Go does: a member that comes twice is decoded twice into the same
 * variable, so the later one wins field by field, and `null` leaves plain values as they are.
 */
export interface Codec<T> {
  /** Go's zero value. */
  readonly zero: T;
  /** @param path of the value, such as `ReferenceValues.snp[0].ProductName`; type errors are added to `problems` */
  decode(node: JsonNode, current: T, path: string, problems: Problems): T;
  encode(value: T): JsonNode;
  /** What `omitempty` leaves out. */
  isEmpty(value: T): boolean;
}

/** Members that a struct does not know, by name in order of appearance; written back after the known ones. */
export type UnknownFields = ReadonlyMap<string, JsonNode>;

/** Of a struct that has only known members. */
export const NO_UNKNOWN_FIELDS: UnknownFields = new Map();

const NULL: JsonNode = { kind: "null" };

/** A Go `string`. */
export const goString: Codec<string> = {
  zero: "",
  decode(node, current, path, problems) {
    if (node.kind === "string") return node.value;
    if (node.kind !== "null") wrongType(problems, path, node, "a string");
    return current;
  },
  encode: (value) => ({ kind: "string", value }),
  isEmpty: (value) => value === "",
};

/** A Go `bool`. */
export const goBool: Codec<boolean> = {
  zero: false,
  decode(node, current, path, problems) {
    if (node.kind === "boolean") return node.value;
    if (node.kind !== "null") wrongType(problems, path, node, "true or false");
    return current;
  },
  encode: (value) => ({ kind: "boolean", value }),
  isEmpty: (value) => !value,
};

/** A Go unsigned integer: only plain digits are accepted, as by `strconv.ParseUint`. */
export function goUint(bits: 8 | 16): Codec<number> {
  const max = 2 ** bits - 1;
  return {
    zero: 0,
    decode(node, current, path, problems) {
      if (node.kind === "null") return current;
      if (node.kind !== "number") return (wrongType(problems, path, node, "an integer"), current);
      if (/^[0-9]+$/.test(node.literal) && Number(node.literal) <= max) return Number(node.literal);
      return (outOfRange(problems, path, node.literal, `an integer from 0 to ${max}`), current);
    },
    encode: (value) => ({ kind: "number", literal: String(value) }),
    isEmpty: (value) => value === 0,
  };
}

/** A byte that is decoded through a floating point number: any number from 0 to 255, its fraction cut off. */
export const goTruncatedByte: Codec<number> = {
  zero: 0,
  decode(node, current, path, problems) {
    if (node.kind === "null") return current;
    if (node.kind !== "number") return (wrongType(problems, path, node, "a number"), current);
    const value = Number(node.literal);
    // Adding zero turns -0 into 0.
    if (value >= 0 && value <= 255) return Math.trunc(value) + 0;
    return (outOfRange(problems, path, node.literal, "a number from 0 to 255"), current);
  },
  encode: (value) => ({ kind: "number", literal: String(value) }),
  isEmpty: (value) => value === 0,
};

/** A Go pointer: `null` is the zero value and clears what was there. */
export function goPointer<T>(target: Codec<T>): Codec<T | null> {
  return {
    zero: null,
    decode: (node, current, path, problems) =>
      node.kind === "null" ? null : target.decode(node, current ?? target.zero, path, problems),
    encode: (value) => (value === null ? NULL : target.encode(value)),
    isEmpty: (value) => value === null,
  };
}

/** A member that may be absent and is then not written. */
export function goOptional<T>(target: Codec<T>): Codec<T | undefined> {
  return {
    zero: undefined,
    decode: (node, current, path, problems) =>
      node.kind === "null" ? undefined : target.decode(node, current ?? target.zero, path, problems),
    encode: (value) => (value === undefined ? NULL : target.encode(value)),
    isEmpty: (value) => value === undefined,
  };
}

/** A Go slice: `null` when absent; elements are decoded into those that are already there. */
export function goSlice<T>(element: Codec<T>): Codec<readonly T[] | null> {
  return {
    zero: null,
    decode(node, current, path, problems) {
      if (node.kind === "null") return null;
      if (node.kind !== "array") return (wrongType(problems, path, node, "an array"), current);
      return node.items.map((item, index) =>
        element.decode(item, current?.[index] ?? element.zero, `${path}[${index}]`, problems),
      );
    },
    encode: (value) => (value === null ? NULL : { kind: "array", items: value.map((item) => element.encode(item)) }),
    isEmpty: (value) => value === null || value.length === 0,
  };
}

/** A Go array of fixed length: missing elements are zero, further ones are not looked at. */
export function goArray<T>(element: Codec<T>, length: number): Codec<readonly T[]> {
  const zero: readonly T[] = Array.from({ length }, () => element.zero);
  return {
    zero,
    decode(node, current, path, problems) {
      if (node.kind === "null") return current;
      if (node.kind !== "array") return (wrongType(problems, path, node, "an array"), current);
      return zero.map((_, index) => {
        const item = node.items[index];
        if (item === undefined) return element.zero;
        return element.decode(item, current[index] ?? element.zero, `${path}[${index}]`, problems);
      });
    },
    encode: (value) => ({ kind: "array", items: value.map((item) => element.encode(item)) }),
    isEmpty: () => false,
  };
}

/** A Go map with string keys: each member starts from zero, keys are written in ascending byte order. */
export function goMap<T>(element: Codec<T>): Codec<ReadonlyMap<string, T>> {
  return {
    zero: new Map(),
    decode(node, current, path, problems) {
      if (node.kind === "null") return new Map();
      if (node.kind !== "object") return (wrongType(problems, path, node, "an object"), current);
      const map = new Map(current);
      for (const [name, value] of node.members) {
        map.set(name, element.decode(value, element.zero, `${path}[${JSON.stringify(name)}]`, problems));
      }
      return map;
    },
    encode: (value) => ({
      kind: "object",
      members: [...value]
        .toSorted(([left], [right]) => compareUtf8(left, right))
        .map(([name, item]) => [name, element.encode(item)] as const),
    }),
    isEmpty: (value) => value.size === 0,
  };
}

/** Orders texts by their UTF-8 bytes, as Go compares strings; UTF-16 order differs beyond U+FFFF. */
export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/** Adds a finding about a value of another JSON type than the field's. */
export function wrongType(problems: Problems, path: string, node: JsonNode, wanted: string): void {
  problems.error({ code: "lib/json-wrong-type", path, message: `got ${describe(node)}, need ${wanted}` });
}

function outOfRange(problems: Problems, path: string, literal: string, wanted: string): void {
  const shown = literal.length > 32 ? `${literal.slice(0, 32)}…` : literal;
  problems.error({ code: "lib/json-out-of-range", path, message: `got ${shown}, need ${wanted}` });
}

function describe(node: JsonNode): string {
  if (node.kind === "array" || node.kind === "object") return `an ${node.kind}`;
  return node.kind === "null" ? "null" : `a ${node.kind}`;
}
