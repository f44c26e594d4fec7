import { diffLines, type LineRun } from "./line-diff.ts";

const CONTEXT_LINES = 3;

/**
 * The difference of two texts as `diff -u` writes it, without the two lines that name files.
 *
 * @param before undefined for a file that does not exist
 * @returns lines without line ends; none for equal texts
 * @see POSIX `diff`, unified format
 */
export function unifiedDiff(before: string | undefined, after: string): readonly string[] {
  const oldLines = linesOf(before ?? "");
  const newLines = linesOf(after);
  return hunksOf(diffLines(oldLines, newLines)).flatMap((hunk) => hunkLines(hunk, oldLines, newLines));
}

/** Lines with their line feeds, so that a missing one at the end is a difference. */
function linesOf(text: string): readonly string[] {
  return text === "" ? [] : (text.match(/[^\n]*\n|[^\n]+$/g) ?? []);
}

/** Groups changes whose contexts touch; equal runs are cut to the context. */
function hunksOf(runs: readonly LineRun[]): readonly (readonly LineRun[])[] {
  const hunks: LineRun[][] = [];
  for (const [index, run] of runs.entries()) {
    if (run.kind !== "same") {
      if (hunks.length === 0) hunks.push([]);
      hunks.at(-1)?.push(run);
      continue;
    }
    const isFirst = index === 0;
    const isLast = index === runs.length - 1;
    if (runs.length === 1) return [];
    if (!isFirst && !isLast && run.count <= 2 * CONTEXT_LINES) hunks.at(-1)?.push(run);
    else {
      const count = Math.min(run.count, CONTEXT_LINES);
      const skipped = run.count - count;
      if (!isFirst) hunks.at(-1)?.push({ ...run, count });
      if (!isLast) hunks.push([{ ...run, oldStart: run.oldStart + skipped, newStart: run.newStart + skipped, count }]);
    }
  }
  return hunks;
}

function hunkLines(
  hunk: readonly LineRun[],
  oldLines: readonly string[],
  newLines: readonly string[],
): readonly string[] {
  const [first] = hunk;
  if (first === undefined) return [];
  const total = (kind: LineRun["kind"]): number =>
    hunk.filter((run) => run.kind !== kind).reduce((sum, { count }) => sum + count, 0);
  const lines = [`@@ -${range(first.oldStart, total("added"))} +${range(first.newStart, total("removed"))} @@`];
  for (const { kind, oldStart, newStart, count } of hunk) {
    const source =
      kind === "added" ? newLines.slice(newStart, newStart + count) : oldLines.slice(oldStart, oldStart + count);
    const sign = kind === "same" ? " " : kind === "added" ? "+" : "-";
    for (const line of source) {
      if (line.endsWith("\n")) lines.push(sign + line.slice(0, -1));
      else lines.push(sign + line, "\\ No newline at end of file");
    }
  }
  return lines;
}

/** Lines count from 1; an empty range names the line in front of it. */
function range(start: number, count: number): string {
  if (count === 1) return String(start + 1);
  return `${count === 0 ? start : start + 1},${count}`;
}
