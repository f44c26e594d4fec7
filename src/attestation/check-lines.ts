import { unicodeEscape } from "../lib/unicode-escape.ts";
import { visibleText } from "../lib/visible-text.ts";
import type { Paint, Tone } from "../terminal/colour.ts";
import { wrapText } from "../terminal/wrap-text.ts";
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

/**
 * Rows of a verdict for people. Checks that could not be made, or were waived, for the same reason share one entry that
 * names them all, where the first of them stands.
 */
export function checksLines(checks: readonly Check[], paint: Paint): readonly string[] {
  return entriesOf(checks).flatMap(([first, ...others], index, entries) => {
    if (others.length > 0) return alikeLines(first, [first, ...others], paint);
    // What explains several refusals in a row is told behind the last of them.
    const next = entries[index + 1]?.[0];
    const isToldLater = first.outcome === "failed" && next !== undefined && hasSameCause(first, next);
    return checkLines(first, paint, isToldLater ? [] : whyLines(first, paint));
  });
}

function entriesOf(checks: readonly Check[]): readonly [Check, ...Check[]][] {
  const entries: [Check, ...Check[]][] = [];
  for (const check of checks) {
    const entry = entries.find(([first]) => sharesReason(first, check));
    if (entry === undefined) entries.push([check]);
    else entry.push(check);
  }
  return entries;
}

function sharesReason(first: Check, other: Check): boolean {
  if (first.outcome !== "unknown" && first.outcome !== "waived") return false;
  return hasSameCause(first, other) && first.actual === undefined && other.actual === undefined;
}

function hasSameCause(first: Check, other: Check): boolean {
  const { outcome, reason, remedy, code } = first;
  return other.outcome === outcome && other.reason === reason && other.remedy === remedy && other.code === code;
}

function alikeLines(first: Check, checks: readonly Check[], paint: Paint): readonly string[] {
  const subjects = wrapText(joinSubjects(checks.map(({ subject }) => oneLine(subject))), MAX_STATEMENT - 4);
  const mark = markOf(first.outcome, paint);
  return [...subjects.map((line, index) => (index === 0 ? `${mark} ${line}` : `  ${line}`)), ...whyLines(first, paint)];
}

/** Subjects in a row that begin alike, such as `TCB info: form` and `TCB info: id`, share their beginning. */
function joinSubjects(subjects: readonly string[]): string {
  return subjects
    .map((subject, index) => {
      const beginning = subject.slice(0, subject.indexOf(": ") + 2);
      const isShared = beginning.length > 1 && subjects[index - 1]?.startsWith(beginning) === true;
      const rest = isShared ? subject.slice(beginning.length) : subject;
      return `${index === 0 ? "" : isShared ? ", " : "; "}${rest}`;
    })
    .join("");
}

/** One row: a line with the fact, then what explains it, indented by four more. */
function checkLines(check: Check, paint: Paint, why: readonly string[]): readonly string[] {
  return [...statementLines(check, markOf(check.outcome, paint)), ...why];
}

function whyLines(check: Check, paint: Paint): readonly string[] {
  const { outcome, reason, remedy, code, actual, expected } = check;
  if (outcome === "passed" || outcome === "not-judged") return [];
  const lines: string[] = [];
  const isPlain = reason === `got ${actual}, want ${expected}`;
  if (reason !== undefined && !isPlain) lines.push(`    why: ${oneLine(reason)}`);
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
