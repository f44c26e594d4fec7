import { unicodeEscape } from "../lib/unicode-escape.ts";
import { visibleText } from "../lib/visible-text.ts";
import type { Paint, Tone } from "../terminal/colour.ts";
import type { Check, CheckOutcome } from "./verdict.ts";

const MARKS: Readonly<Record<CheckOutcome, { readonly mark: string; readonly tone: Tone }>> = {
  failed: { mark: "✗", tone: "bad" },
  unknown: { mark: "?", tone: "doubtful" },
  waived: { mark: "!", tone: "doubtful" },
  "not-judged": { mark: "-", tone: "quiet" },
  passed: { mark: "✔", tone: "good" },
};

/** What users should see first comes first. */
const ORDER: readonly CheckOutcome[] = ["failed", "unknown", "waived", "not-judged", "passed"];

/** Longer statements are broken into one line for each value, so that the values stand below each other. */
const MAX_STATEMENT = 110;

/** Checks in the order of reading: what was refused, what is open, what is good. */
export function sortChecks(checks: readonly Check[]): readonly Check[] {
  return ORDER.flatMap((outcome) => checks.filter((check) => check.outcome === outcome));
}

/** The sign of an outcome, coloured. */
export function markOf(outcome: CheckOutcome, paint: Paint): string {
  const { mark, tone } = MARKS[outcome];
  return paint(tone, mark);
}

/** Text of the evidence on one line: a line break in it could pretend to be another row. */
export function oneLine(text: string): string {
  return visibleText(text).replaceAll(/[\n\t]/g, unicodeEscape);
}

/** One row of a verdict for people: a line with the fact, then what explains it, indented by four more. */
export function checkLines(check: Check, paint: Paint): readonly string[] {
  const lines = statementLines(check, markOf(check.outcome, paint));
  const isOpen = check.outcome === "failed" || check.outcome === "unknown" || check.outcome === "waived";
  if (!isOpen) return lines;
  const { reason, remedy, code } = check;
  if (reason !== undefined) lines.push(`    why: ${oneLine(reason)}`);
  if (remedy !== undefined) lines.push(`    do: ${oneLine(remedy)}`);
  if (code !== undefined) lines.push(paint("quiet", `    contrast help ${code}`));
  return lines;
}

function statementLines(check: Check, mark: string): string[] {
  const subject = oneLine(check.subject);
  const actual = check.actual === undefined ? undefined : oneLine(check.actual);
  const expected = check.expected === undefined ? undefined : oneLine(check.expected);
  const source = check.source === undefined ? undefined : oneLine(check.source);
  const meaning = check.meaning === undefined ? [] : [`    ${oneLine(check.meaning)}`];
  if (check.outcome === "passed" || check.outcome === "not-judged") {
    const value = actual === undefined ? "" : `: ${actual}`;
    const words = check.meaning === undefined ? "" : ` (${oneLine(check.meaning)})`;
    const line = `${mark} ${subject}${value}${words}`;
    return line.length <= MAX_STATEMENT || words === "" ? [line] : [`${mark} ${subject}${value}`, ...meaning];
  }
  const values = [
    ...(actual === undefined ? [] : [{ word: "got", text: actual }]),
    ...(expected === undefined ? [] : [{ word: "want", text: expected }]),
  ];
  const statement = values.map(({ word, text }) => `${word} ${text}`).join(", ");
  const origin = source === undefined ? "" : ` (${source})`;
  const line = `${mark} ${subject}${statement === "" ? "" : `: ${statement}`}${origin}`;
  if (line.length <= MAX_STATEMENT) return [line, ...meaning];
  return [
    `${mark} ${subject}`,
    ...values.map(({ word, text }) => `    ${word.padEnd(4)} ${text}`),
    ...(source === undefined ? [] : [`    from ${source}`]),
    ...meaning,
  ];
}
