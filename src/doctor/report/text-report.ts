import { visibleLine } from "../../lib/visible-text.ts";
import type { Paint, Tone } from "../../terminal/colour.ts";
import { wrapText } from "../../terminal/wrap-text.ts";
import { CHECKS, CHECK_IDS, type Subject, SUBJECTS, SUBJECT_NAMES, subjectOf } from "../check-catalogue.ts";
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

/** The report for people: one line for each subject, what is wrong in full below it, then the counts. */
export function* renderTextReport(results: readonly CheckResult[], options: TextOptions): Generator<string> {
  const bySubject = Map.groupBy(results, ({ check }) => subjectOf(check));
  for (const subject of SUBJECT_NAMES) {
    const found = bySubject.get(subject);
    if (found !== undefined) yield* renderSubject(subject, found, options);
  }
  const { error, warning, ok, skipped } = summarize(results);
  yield "";
  const hint = skipped > 0 && !options.verbose ? " (--verbose tells why)" : "";
  yield `${plural(ok, "check")} passed, ${plural(warning, "warning")}, ${plural(error, "error")}, ${skipped} skipped${hint}`;
}

function* renderSubject(subject: Subject, results: readonly CheckResult[], options: TextOptions): Generator<string> {
  const { paint, verbose } = options;
  const { ok, skipped, error, warning } = summarize(results);
  const status = statusOf(
    ok > 0 && error + warning === 0 ? results.filter((result) => result.status === "ok") : results,
  );
  const counts = [
    ...(error > 0 ? [plural(error, "error")] : []),
    ...(warning > 0 ? [plural(warning, "warning")] : []),
    ...(ok > 0 ? [`${ok} ok`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(", ");
  yield `${paint(TONES[status], MARKS[status])} ${paint("heading", subject.padEnd(NAME_WIDTH))}${counts}`;
  for (const result of results) {
    if (result.status === "error" || result.status === "warning") yield* renderFinding(result, options);
    else if (verbose) {
      const title = result.status === "ok" ? result.message : `skipped: ${result.message}`;
      yield visibleLine(`${INDENT}${result.check}: ${title}`);
    }
  }
}

function* renderFinding(result: CheckResult, { paint, width }: TextOptions): Generator<string> {
  const { check, status, message, hint, expected, actual, code } = result;
  const lines = (text: string, first: string): readonly string[] =>
    wrapText(visibleLine(text), width - INDENT.length - 9).map((line, index) =>
      index === 0 ? `${INDENT}${first}${line}` : `${INDENT}${" ".repeat(9)}${line}`,
    );
  const place = placeOf(result);
  yield* lines(place === "" ? message : `${place}: ${message}`, paint(TONES[status], status.padEnd(9)));
  if (actual !== undefined) yield* lines(`is    ${actual}`, " ".repeat(9));
  if (expected !== undefined) yield* lines(`want  ${expected}`, " ".repeat(9));
  if (hint !== undefined) yield* lines(`→ ${hint}`, " ".repeat(9));
  yield paint("quiet", `${INDENT}${" ".repeat(9)}${check}${code === undefined ? "" : `, ${code}`}`);
}

function placeOf({ file, line, column, object, path }: Finding): string {
  const position = [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
  const inside = [object, path].filter((part) => part !== undefined && part !== "").join(", ");
  return inside === "" ? position : position === "" ? inside : `${position} (${inside})`;
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** Every check on a line, for `--list`. */
export function* renderTextChecks(): Generator<string> {
  for (const subject of SUBJECT_NAMES) {
    yield `${subject}: ${SUBJECTS[subject]}`;
    for (const check of CHECK_IDS) if (subjectOf(check) === subject) yield `  ${check.padEnd(30)}${CHECKS[check]}`;
  }
}
