import { counted } from "../../lib/counted.ts";
import { countFindings } from "../../lib/finding.ts";
import { visibleLine, visibleText } from "../../lib/visible-text.ts";
import { wrapText } from "../../terminal/wrap-text.ts";
import type { LintReport, ReportedFinding } from "../lint-report.ts";

/** Longest piece of a source line that is shown. */
const MAX_SOURCE = 120;
/** Characters of the line that are kept in front of a place far to the right. */
const BEFORE = 40;
const INDENT = " ".repeat(10);

/**
 * Findings for people: a heading for each file, then each finding with its line and what helps.
 *
 * @param width of lines; without one they are not broken, so that they can be searched
 */
export function* renderTextReport(
  { findings, silenced, files }: LintReport,
  width = Number.POSITIVE_INFINITY,
): Generator<string> {
  for (const [file, found] of Map.groupBy(findings, (finding) => finding.file)) {
    yield visibleLine(file);
    for (const finding of found) yield* renderFinding(finding, width);
    yield "";
  }
  const { error, warning, info } = countFindings(findings);
  const counts = [counted(error, "error"), counted(warning, "warning"), `${info} info`].join(", ");
  const hushed = silenced === 0 ? "" : `, ${silenced} silenced`;
  yield `${counts}${hushed} in ${counted(files.length, "file")}`;
}

function* renderFinding(finding: ReportedFinding, width: number): Generator<string> {
  const { line, column, severity, code, message, object, path, hint, source, fixable } = finding;
  const place = line === undefined ? "" : `${line}:${column ?? 1}`;
  const inside = [object, path].filter((part) => part !== undefined).join(", ");
  const about = inside === "" ? "" : ` (${inside})`;
  const head = `  ${place.padEnd(7)} ${severity.padEnd(7)} `;
  yield* indented(head, `${code}: ${message}${about}`, width);
  if (source !== undefined) yield* excerpt(source, column ?? 1);
  if (hint !== undefined) yield* indented(INDENT, `${hint}${fixable ? " lint --fix does it." : ""}`, width);
}

function* indented(head: string, text: string, width: number): Generator<string> {
  const [first = "", ...rest] = width === Number.POSITIVE_INFINITY ? [text] : wrapText(text, width - head.length);
  yield visibleLine(`${head}${first}`);
  for (const line of rest) yield visibleLine(`${" ".repeat(head.length)}${line}`);
}

function* excerpt(source: string, column: number): Generator<string> {
  const characters = Array.from(source.trimEnd());
  const start = column > MAX_SOURCE - BEFORE ? column - 1 - BEFORE : 0;
  // What would be escaped has another width; there the caret would point to something else.
  const shown = characters
    .slice(start, start + MAX_SOURCE)
    .join("")
    .replaceAll("\t", " ");
  if (shown === "" || visibleText(shown) !== shown) return;
  yield `          | ${shown}`;
  yield `          | ${" ".repeat(column - 1 - start)}^`;
}
