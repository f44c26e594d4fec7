import type { ComparedEntry, ComparedValue, ObservedRelation } from "../../manifest/compare-observed.ts";

const MARKS: Readonly<Record<ObservedRelation, string>> = { fits: "✔", empty: "+", "too-low": "✗", differs: "✗" };

/**
 * A machine beside the reference values of a manifest, for people.
 *
 * @param isVerified whether the machine's evidence was accepted; else nothing that it states is called good
 */
export function observedLines(entries: readonly ComparedEntry[], isVerified: boolean): readonly string[] {
  return entries.flatMap(({ path, product, values }) => {
    const title = product === undefined ? path : `${path} (${product})`;
    if (values.length === 0) return [`${title}: for other machines`];
    const width = Math.max(...values.map(({ name }) => name.length));
    return [title, ...values.flatMap((value) => valueLines(value, width, isVerified))];
  });
}

function valueLines(
  { name, observed, expected, relation }: ComparedValue,
  width: number,
  isVerified: boolean,
): readonly string[] {
  const line = `  ${isVerified ? MARKS[relation] : "-"} ${name.padEnd(width)}  ${observed}`;
  switch (relation) {
    case "fits":
      return [line];
    case "empty":
      return [`${line}  (the manifest names none yet)`];
    case "too-low":
      return [`${line}  (the manifest wants at least ${expected})`];
    case "differs":
      return [line, `    ${"".padEnd(width)}  ${expected}  (what the manifest wants)`];
    default:
      return relation satisfies never;
  }
}
