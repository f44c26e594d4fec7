import { oneLine } from "./check-lines.ts";
import type { Check, Verdict } from "./verdict.ts";

/** A log line must stay readable, and anybody can cause it. */
const MAX_ROWS = 6;
const MAX_ROW_CHARACTERS = 400;

/**
 * Why evidence was not accepted, in one line for a log: what was refused, or what could not be checked where nothing was
 * refused. Rows of the reference values stand behind the name of their entry.
 */
export function summarizeRefusal({ required, alternatives = [] }: Verdict<unknown>): string {
  const rows = [...required, ...alternatives].flatMap(({ name, checks }) => checks.map((check) => ({ name, check })));
  const failed = rows.filter(({ check }) => check.outcome === "failed");
  const told = failed.length > 0 ? failed : rows.filter(({ check }) => check.outcome === "unknown");
  const texts = told.slice(0, MAX_ROWS).map(({ name, check }) => `${name}: ${rowText(check)}`);
  const more = told.length - texts.length;
  return more > 0 ? `${texts.join("; ")}; and ${more} more` : texts.join("; ");
}

function rowText({ subject, expected, actual, reason }: Check): string {
  const got = actual === undefined ? [] : [`got ${actual}`];
  const want = expected === undefined ? [] : [`want ${expected}`];
  const text = oneLine([subject, ...(reason === undefined ? [] : [reason]), ...got, ...want].join(", "));
  return text.length > MAX_ROW_CHARACTERS ? `${text.slice(0, MAX_ROW_CHARACTERS)}…` : text;
}
