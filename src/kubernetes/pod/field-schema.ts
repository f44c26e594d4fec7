import * as v from "valibot";
import type { Place, Problem } from "../../lib/problems.ts";
import { typeName } from "../object.ts";
import type { Path } from "../path.ts";
import { canonicalQuantity } from "./quantity.ts";
import { isValueList, isValueMap, setOwn, type Value, type ValueMap } from "../value.ts";
import type { Report } from "../yaml-text.ts";

/** An optional field; `null` counts as absent, as it does for Kubernetes. */
export function optional<Schema extends v.GenericSchema>(
  schema: Schema,
): v.OptionalSchema<
  v.SchemaWithPipe<
    readonly [
      v.NullableSchema<Schema, undefined>,
      v.TransformAction<v.InferOutput<Schema> | null, v.InferOutput<Schema> | undefined>,
    ]
  >,
  undefined
> {
  return v.optional(
    v.pipe(
      v.nullable(schema),
      v.transform((value: v.InferOutput<Schema> | null) => value ?? undefined),
    ),
  );
}

/** A whole number. */
export const integer = v.pipe(v.number(), v.integer());
/** A port or other `IntOrString`. */
export const integerOrString = v.union([integer, v.string()]);
/** A quantity, read into its canonical text. */
export const quantity = v.pipe(
  v.union([v.string(), v.number(), v.bigint()]),
  v.rawTransform<string | number | bigint, string>(({ dataset, addIssue, NEVER }) => {
    try {
      return canonicalQuantity(dataset.value);
    } catch {
      addIssue({ expected: "a quantity such as 500m, 2 or 64Mi" });
      return NEVER;
    }
  }),
);
/** A field of the Kubernetes API that this program only passes on. */
export const passedOn = optional(v.unknown());
/**
 * A map from strings to strings, such as labels or the data of a ConfigMap; a null value reads as empty, as Go has it.
 * Not `v.record`, because that leaves out keys like `constructor`.
 */
export const stringMap = v.pipe(
  v.custom<ValueMap>((input) => typeof input === "object" && input !== null && !Array.isArray(input)),
  v.rawTransform<ValueMap, Readonly<Record<string, string>>>(({ dataset, addIssue }) => {
    const map: Record<string, string> = {};
    for (const [key, value] of Object.entries(dataset.value)) {
      if (value === null || typeof value === "string") setOwn(map, key, value ?? "");
      else {
        addIssue({
          expected: "string",
          input: value,
          path: [{ type: "object", origin: "value", input: { ...dataset.value }, key, value }],
        });
      }
    }
    return map;
  }),
);

/**
 * Checks a value against its schema and reports every wrong field at its place.
 *
 * @param locate turns a path inside the value into a place
 * @returns the typed value, or undefined when something was reported (`kubernetes/field-type`)
 */
export function checkFields<Schema extends v.GenericSchema>(
  schema: Schema,
  value: Value,
  locate: (path: Path) => Place,
  report: Report,
): v.InferOutput<Schema> | undefined {
  const result = v.safeParse(schema, value);
  let isValid = result.success;
  for (const issue of result.issues ?? []) report(problemOf(issue, locate));
  findListsForMaps(schema, value, [], (path) => {
    isValid = false;
    report({ code: "kubernetes/field-type", message: "got a list, want a map", ...locate(path) });
  });
  return isValid && result.success ? result.output : undefined;
}

/**
 * Tells lists where the schema has a map with known fields, which the library takes for empty maps.
 *
 * @param path of the value; used as a stack
 */
function findListsForMaps(schema: unknown, value: Value, path: (string | number)[], found: (path: Path) => void): void {
  const inner = unwrap(schema);
  const entries = member(inner, "entries");
  const visit = (child: Value | undefined, step: string | number, childSchema: unknown): void => {
    if (typeof child !== "object" || child === null) return;
    path.push(step);
    findListsForMaps(childSchema, child, path, found);
    path.pop();
  };
  if (isValueList(value)) {
    if (entries !== undefined) return found([...path]);
    const item = member(inner, "item");
    if (item !== undefined) for (const [index, child] of value.entries()) visit(child, index, item);
  } else if (isRecord(entries) && isValueMap(value)) {
    for (const key of Object.keys(value)) if (Object.hasOwn(entries, key)) visit(value[key], key, entries[key]);
  }
}

function problemOf(issue: v.BaseIssue<unknown>, locate: (path: Path) => Place): Problem {
  const path = (issue.path ?? []).map(({ key }) => (typeof key === "number" ? key : String(key)));
  const place = locate(path);
  const want = wanted(issue.expected ?? "another value");
  if (issue.input === undefined)
    return { code: "kubernetes/field-missing", message: "a required field is missing", ...place };
  const isUnquoted =
    issue.expected === "string" && (typeof issue.input === "number" || typeof issue.input === "boolean");
  const hint = isUnquoted ? "Put the value in quotes." : undefined;
  return { code: "kubernetes/field-type", message: `got ${received(issue.input)}, want ${want}`, hint, ...place };
}

function received(input: unknown): string {
  if (typeof input === "string") return JSON.stringify(input.length > 40 ? `${input.slice(0, 40)}…` : input);
  if (typeof input === "number" || typeof input === "bigint" || typeof input === "boolean") {
    return `the ${typeof input === "boolean" ? "boolean" : "number"} ${input}`;
  }
  if (input === null) return "null";
  return Array.isArray(input) ? typeName([]) : typeName({});
}

const WANTED: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  boolean: "a boolean",
  Object: "a map",
  unknown: "a map",
  Array: "a list",
};

function wanted(expected: string): string {
  if (expected.startsWith("(")) return expected.replaceAll(" | ", " or ").replace(/^\((.*)\)$/, "$1");
  return WANTED[expected] ?? expected;
}

/**
 * Tells the fields that a schema does not know, so that a misspelt one does not pass unseen.
 *
 * @param found receives the path of each unknown field, and the fields that are known at its place
 */
export function findUnknownFields(
  schema: unknown,
  value: Value | undefined,
  path: Path,
  found: (path: Path, known: readonly string[]) => void,
): void {
  const inner = unwrap(schema);
  if (isValueList(value)) {
    for (const [index, item] of value.entries())
      findUnknownFields(member(inner, "item"), item, [...path, index], found);
    return;
  }
  const entries = member(inner, "entries");
  if (!isRecord(entries) || !isValueMap(value)) return;
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(entries, key)) findUnknownFields(entries[key], value[key], [...path, key], found);
    else found([...path, key], Object.keys(entries));
  }
}

/** The schema inside `optional`, `nullable` and `pipe`. */
function unwrap(schema: unknown): unknown {
  const pipe = member(schema, "pipe");
  if (Array.isArray(pipe) && pipe[0] !== schema) return unwrap(pipe[0]);
  const wrapped = member(schema, "wrapped");
  return wrapped === undefined ? schema : unwrap(wrapped);
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
