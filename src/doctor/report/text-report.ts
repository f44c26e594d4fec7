import { counted } from "../../lib/counted.ts";
import { visibleLine } from "../../lib/visible-text.ts";
import type { Paint, Tone } from "../../terminal/colour.ts";
import { wrapText } from "../../terminal/wrap-text.ts";
import {
  type CheckId,
  CHECKS,
  CHECK_IDS,
  type Subject,
  SUBJECTS,
  SUBJECT_NAMES,
  subjectOf,
} from "../check-catalogue.ts";
import type { CheckResult, CheckStatus, Finding } from "../check-result.ts";
import { statusOf, summarize } from "./summary.ts";

/** How the report is laid out. */
export interface TextOptions {
  /** Show every check, and why checks were skipped. */
  readonly verbose: boolean;
  readonly paint: Paint;
  /** Characters on a line. */
  readonly width: number;
}

const MARKS: Readonly<Record<CheckStatus, string>> = { error: "❌", warning: "⚠️ ", ok: "✔️ ", skipped: "➖" };
const TONES: Readonly<Record<CheckStatus, Tone>> = {
  error: "bad",
  warning: "doubtful",
  ok: "good",
  skipped: "quiet",
};
const INDENT = " ".repeat(5);
const NAME_WIDTH = 14;
const LABEL_WIDTH = 9;
/** Places of one finding that are shown. */
const MAX_PLACES = 3;
/** Checks without answer that are named; more are counted. */
const MAX_UNANSWERED = 3;

/** Results that differ only in their place. */
type Alike = readonly [CheckResult, ...CheckResult[]];

/** The report for people: one line for each subject, what is wrong in full below it, what has no answer, the counts. */
export function* renderTextReport(results: readonly CheckResult[], options: TextOptions): Generator<string> {
  const bySubject = Map.groupBy(results, ({ check }) => subjectOf(check));
  for (const subject of SUBJECT_NAMES) {
    const found = bySubject.get(subject);
    if (found !== undefined) yield* renderSubject(subject, found, options);
  }
  yield "";
  const unanswered = results.filter((result) => result.unanswered === true);
  for (const [reason, alike] of Map.groupBy(unanswered, ({ message }) => message)) {
    const checks = alike.map(({ check }) => check);
    yield* wrapText(visibleLine(`Not looked at: ${namesOf(checks)}, because ${reason}`), options.width);
  }
  const { error, warning } = countFindings(groupAlike(results));
  const { ok, skipped } = summarize(results);
  const hint = skipped > 0 && !options.verbose ? " (--verbose tells why)" : "";
  const healthy = unanswered.length === 0 ? "Nothing is wrong" : "Nothing is wrong elsewhere";
  const found = error + warning === 0 ? healthy : `${counted(error, "error")}, ${counted(warning, "warning")}`;
  yield `${found}: ${counted(ok, "check")} passed, ${skipped} skipped${hint}`;
}

/** A few checks by name, many by number and subject. */
function namesOf(checks: readonly CheckId[]): string {
  if (checks.length <= MAX_UNANSWERED) return checks.join(", ");
  return `${checks.length} checks of ${[...new Set(checks.map(subjectOf))].join(", ")}`;
}

function* renderSubject(subject: Subject, results: readonly CheckResult[], options: TextOptions): Generator<string> {
  const { paint, verbose } = options;
  const groups = groupAlike(results);
  const { error, warning } = countFindings(groups);
  const { ok, skipped } = summarize(results);
  const status = statusOf(
    ok > 0 && error + warning === 0 ? results.filter((result) => result.status === "ok") : results,
  );
  const counts = [
    ...(error > 0 ? [counted(error, "error")] : []),
    ...(warning > 0 ? [counted(warning, "warning")] : []),
    ...(ok > 0 ? [`${ok} ok`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
  yield `${paint(TONES[status], MARKS[status])} ${paint("heading", subject.padEnd(NAME_WIDTH))}${counts}`;
  for (const alike of groups) {
    const [{ check, status: verdict, message }] = alike;
    if (verdict === "error" || verdict === "warning") yield* renderFinding(alike, options);
    else if (verbose) {
      const text = `${check}: ${verdict === "ok" ? "" : "skipped: "}${message}`;
      const lines = wrapText(visibleLine(text), options.width - INDENT.length - 2);
      for (const [index, line] of lines.entries()) yield `${INDENT}${index === 0 ? "" : "  "}${line}`;
    }
  }
}

/** What is the same in many places is one finding. */
function groupAlike(results: readonly CheckResult[]): readonly Alike[] {
  const groups = Map.groupBy(results, ({ check, status, message, hint, expected, actual }) =>
    JSON.stringify([check, status, message, hint, expected, actual]),
  );
  return Array.from(groups.values()).flatMap(([first, ...others]): readonly Alike[] =>
    first === undefined ? [] : [[first, ...others]],
  );
}

/** A check may have several findings. */
function countFindings(groups: readonly Alike[]): Readonly<Record<"error" | "warning", number>> {
  const count = (wanted: CheckStatus): number => groups.filter(([{ status }]) => status === wanted).length;
  return { error: count("error"), warning: count("warning") };
}

function* renderFinding(alike: Alike, { paint, width }: TextOptions): Generator<string> {
  const [{ check, status, message, hint, expected, actual, code }] = alike;
  const inside = `${INDENT}${" ".repeat(LABEL_WIDTH)}`;
  const label = `${INDENT}${paint(TONES[status], status.padEnd(LABEL_WIDTH))}`;
  const wrap = (text: string): readonly string[] => wrapText(visibleLine(text), width - inside.length);
  for (const [index, line] of wrap(message).entries()) yield `${index === 0 ? label : inside}${line}`;
  for (const place of alike.slice(0, MAX_PLACES).map(placeOf)) {
    if (place !== "") yield visibleLine(`${inside}in   ${place}`);
  }
  if (alike.length > MAX_PLACES) yield `${inside}     and ${alike.length - MAX_PLACES} more; --format json has all`;
  // Values are not broken, so that they can be copied.
  if (actual !== undefined) yield visibleLine(`${inside}is   ${actual}`);
  if (expected !== undefined) yield visibleLine(`${inside}want ${expected}`);
  for (const line of hint === undefined ? [] : wrap(`→ ${hint}`)) yield `${inside}${line}`;
  yield paint("quiet", `${inside}${check}${code === undefined ? "" : `, ${code}`}`);
}

function placeOf({ file, line, column, object, path }: Finding): string {
  const position = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
  const within = [object, path].filter((part) => part !== undefined && part !== "").join(", ");
  return within === "" ? position : position === "" ? within : `${position} (${within})`;
}

/** Every check on a line, for `--list`. */
export function* renderTextChecks(): Generator<string> {
  for (const subject of SUBJECT_NAMES) {
    yield `${subject}: ${SUBJECTS[subject]}`;
    for (const check of CHECK_IDS) if (subjectOf(check) === subject) yield `  ${check.padEnd(30)}${CHECKS[check]}`;
  }
}
