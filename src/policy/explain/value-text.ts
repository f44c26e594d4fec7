import type { Json } from "../../lib/json.ts";
import { visibleText } from "../../lib/visible-text.ts";

/** Longest value on a line, in characters. */
const MAX_LENGTH = 120;

/** How much is shown of what two long values have in common before they differ. */
const BEFORE = 30;

/** A value on one line, as JSON; of a long one its beginning. */
export function valueText(value: Json): string {
  return cutAt(visibleText(JSON.stringify(value)), 0);
}

/** Two values on one line each; of long ones the parts around the first difference. */
export function differingTexts(left: Json, right: Json): readonly [string, string] {
  const texts = [visibleText(JSON.stringify(left)), visibleText(JSON.stringify(right))] as const;
  if (texts.every((text) => text.length <= MAX_LENGTH)) return texts;
  const [first, second] = texts;
  let start = 0;
  while (start < first.length && first[start] === second[start]) start++;
  const from = Math.max(0, start - BEFORE);
  return [cutAt(first, from), cutAt(second, from)];
}

function cutAt(text: string, from: number): string {
  const end = from + MAX_LENGTH;
  return `${from > 0 ? "…" : ""}${text.slice(from, end)}${end < text.length ? "…" : ""}`;
}

/** Whether a text of a policy stands for many: it is a pattern, or has placeholders. */
export function isPattern(value: Json | undefined): boolean {
  return typeof value === "string" && (value.startsWith("^") || value.includes("$("));
}
