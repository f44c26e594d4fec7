import { isJsonObject, type Json } from "../lib/json.ts";
import { type LeafDifference, leafDifferences } from "./leaf-differences.ts";
import type { ChangeKind, ManifestChange } from "./manifest-change.ts";

/**
 * Compares the entries of one kind of hardware. Entries belong together if they measure the same guest for the same
 * product; those that are left are taken in order, product by product.
 *
 * @param list `snp` or `tdx`
 * @param before the entries as the manifest writes them
 */
export function diffReferenceValues(
  list: "snp" | "tdx",
  before: readonly Json[],
  after: readonly Json[],
): readonly ManifestChange[] {
  const left = after.map((entry, index) => ({ entry, index }));
  const take = (matches: (entry: Json) => boolean): { readonly entry: Json } | undefined => {
    const at = left.findIndex(({ entry }) => matches(entry));
    return at === -1 ? undefined : left.splice(at, 1)[0];
  };
  const old = before.map((entry, index) => ({ entry, index, subject: subjectOf(list, entry, index) }));
  const pairs = new Map<number, Json>();
  for (const keyOf of [identityOf, productOf]) {
    for (const { entry, index } of old) {
      if (pairs.has(index)) continue;
      const match = take((candidate) => keyOf(candidate) === keyOf(entry));
      if (match !== undefined) pairs.set(index, match.entry);
    }
  }
  const changed = old.flatMap(({ entry, index, subject }): readonly ManifestChange[] => {
    const match = pairs.get(index);
    if (match === undefined) return [{ area: "reference-values", kind: "removed", subject }];
    return leafDifferences(entry, match).map((difference) => fieldChange(subject, difference));
  });
  const added = left.map(
    ({ entry, index }) =>
      ({ area: "reference-values", kind: "added", subject: subjectOf(list, entry, index) }) as const,
  );
  return [...changed, ...added];
}

function identityOf(entry: Json): string {
  return JSON.stringify([
    productOf(entry),
    memberOf(entry, "TrustedMeasurement"),
    memberOf(entry, "MrTd"),
  ]).toLowerCase();
}

function productOf(entry: Json): string {
  return JSON.stringify(memberOf(entry, "ProductName") ?? null);
}

function memberOf(entry: Json, name: string): Json | undefined {
  return isJsonObject(entry) ? entry[name] : undefined;
}

function subjectOf(list: "snp" | "tdx", entry: Json, index: number): string {
  const product = memberOf(entry, "ProductName");
  return typeof product === "string" ? `${list}[${index}] (${product})` : `${list}[${index}]`;
}

function fieldChange(subject: string, { path, before, after }: LeafDifference): ManifestChange {
  const kind = kindOf(path, before, after);
  return { area: "reference-values", kind, subject, field: path, before: textOf(before), after: textOf(after) };
}

/** Minima move up or down; a minimum of several parts that moves both ways has changed. */
function kindOf(path: string, before: Json | undefined, after: Json | undefined): ChangeKind {
  if (before === undefined) return "added";
  if (after === undefined) return "removed";
  if (!path.startsWith("Minimum")) return "changed";
  const old = minimumParts(before);
  const now = minimumParts(after);
  if (old === undefined || now === undefined || old.length !== now.length) return "changed";
  const steps = new Set(now.map((part, index) => Math.sign(part - (old[index] ?? 0))));
  if (steps.has(1)) return steps.has(-1) ? "changed" : "raised";
  return "lowered";
}

function minimumParts(value: Json): readonly number[] | undefined {
  if (typeof value === "number") return [value];
  if (typeof value !== "string" || !/^(?:[0-9A-Fa-f]{2})+$/.test(value)) return undefined;
  return [...Uint8Array.fromHex(value)];
}

function textOf(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value === null || value === "") return "(empty)";
  return typeof value === "string" ? value : JSON.stringify(value);
}
