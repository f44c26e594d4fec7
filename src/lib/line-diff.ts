import { anchorLines } from "./anchor-lines.ts";

/** A run of lines that both texts have, or that only one has; indexes count from 0. */
export interface LineRun {
  readonly kind: "same" | "removed" | "added";
  /** First line of the run in the old and in the new text. */
  readonly oldStart: number;
  readonly newStart: number;
  readonly count: number;
}

/**
 * Differences that are looked for between two lines that stand once in both texts; where there are more, everything
 * between them counts as replaced.
 */
const MAX_DIFFERENCES = 1000;

/** Texts with more lines are compared piece by piece, which may find a few lines more than the smallest number. */
const MAX_WHOLE_LINES = 2000;

/**
 * Finds the lines to remove and to add: of texts of up to 2000 lines the smallest number.
 *
 * @returns runs in order that cover both texts
 * @see Myers, "An O(ND) Difference Algorithm and Its Variations" (1986)
 */
export function diffLines(before: readonly string[], after: readonly string[]): readonly LineRun[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  const longestTail = Math.min(before.length, after.length) - start;
  while (tail < longestTail && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const runs = new RunBuilder();
  runs.add("same", start);
  const oldMiddle = before.slice(start, before.length - tail);
  const newMiddle = after.slice(start, after.length - tail);
  const isLarge = oldMiddle.length + newMiddle.length > MAX_WHOLE_LINES;
  const steps = isLarge ? piecewiseSteps(oldMiddle, newMiddle) : middleSteps(oldMiddle, newMiddle);
  for (const [kind, count] of steps) runs.add(kind, count);
  runs.add("same", tail);
  return runs.runs;
}

function* piecewiseSteps(before: readonly string[], after: readonly string[]): Generator<Step> {
  let oldStart = 0;
  let newStart = 0;
  for (const anchor of anchorLines(before, after)) {
    yield* middleSteps(before.slice(oldStart, anchor.old), after.slice(newStart, anchor.new));
    yield ["same", 1];
    oldStart = anchor.old + 1;
    newStart = anchor.new + 1;
  }
  yield* middleSteps(before.slice(oldStart), after.slice(newStart));
}

type Step = readonly [kind: LineRun["kind"], count: number];

function middleSteps(before: readonly string[], after: readonly string[]): readonly Step[] {
  const replaced: readonly Step[] = [
    ["removed", before.length],
    ["added", after.length],
  ];
  if (before.length === 0 || after.length === 0) return replaced;
  const trace: Int32Array[] = [];
  // furthest[k + offset]: how far in `before` a path on diagonal k (old index minus new index) comes.
  let furthest = new Int32Array(3);
  for (let distance = 0; distance <= MAX_DIFFERENCES; distance++) {
    const row = new Int32Array(2 * distance + 3);
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = nextStart(furthest, distance, diagonal);
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      row[diagonal + distance + 1] = x;
      if (x >= before.length && x - diagonal >= after.length) {
        trace.push(row);
        return stepsBack(trace, before.length, after.length);
      }
    }
    trace.push(row);
    furthest = row;
  }
  return replaced;
}

/** Where a path of a distance starts on a diagonal, from the row of the distance before. */
function nextStart(previous: Int32Array, distance: number, diagonal: number): number {
  if (distance === 0) return 0;
  // Row d has diagonal k at index k + d + 1.
  const at = (other: number): number => previous[other + distance] ?? 0;
  return isInsertion(previous, distance, diagonal) ? at(diagonal + 1) : at(diagonal - 1) + 1;
}

/** Whether the last step to a diagonal adds a line instead of removing one. */
function isInsertion(previous: Int32Array, distance: number, diagonal: number): boolean {
  if (diagonal === -distance) return true;
  if (diagonal === distance) return false;
  return (previous[diagonal - 1 + distance] ?? 0) < (previous[diagonal + 1 + distance] ?? 0);
}

/** Walks the rows from the end of both texts to their start. */
function stepsBack(trace: readonly Int32Array[], oldLength: number, newLength: number): readonly Step[] {
  const steps: Step[] = [];
  let x = oldLength;
  let y = newLength;
  for (let distance = trace.length - 1; distance > 0; distance--) {
    const previous = trace[distance - 1] ?? new Int32Array();
    const diagonal = x - y;
    const adds = isInsertion(previous, distance, diagonal);
    const from = nextStart(previous, distance, diagonal);
    steps.push(["same", x - from], [adds ? "added" : "removed", 1]);
    x = adds ? from : from - 1;
    y = x - (adds ? diagonal + 1 : diagonal - 1);
  }
  steps.push(["same", x]);
  return steps.toReversed();
}

/** Joins steps of one kind; between two runs of equal lines, removed ones come before added ones. */
class RunBuilder {
  readonly runs: LineRun[] = [];
  #oldLine = 0;
  #newLine = 0;

  add(kind: LineRun["kind"], count: number): void {
    if (count === 0) return;
    const last = this.runs.at(-1);
    if (last?.kind === kind) this.runs[this.runs.length - 1] = { ...last, count: last.count + count };
    else this.runs.push({ kind, oldStart: this.#oldLine, newStart: this.#newLine, count });
    if (kind !== "added") this.#oldLine += count;
    if (kind !== "removed") this.#newLine += count;
  }
}
