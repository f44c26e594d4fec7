import { equalValues, isValueList, isValueMap, type Value } from "../value.ts";

const EQUAL = 1_000_000;
const SAME_NAME = 1_000;
const SAME_SHAPE = 1;
/** Beyond this many pairs an item is only compared with the one at its own place. */
const MAX_PAIRS = 250_000;

/**
 * Pairs the items of a list with those that are wanted, so that text is kept where possible: equal items first, then maps
 * of the same `name`, then items of the same shape. Both orders are kept.
 *
 * @returns for each wanted item the index of its old item, or -1 for a new one
 */
export function matchItems(old: readonly Value[], wanted: readonly Value[]): readonly number[] {
  const matched = wanted.map(() => -1);
  let start = 0;
  while (start < old.length && start < wanted.length && equalValues(old[start], wanted[start])) {
    matched[start] = start;
    start++;
  }
  let oldEnd = old.length;
  let wantedEnd = wanted.length;
  while (oldEnd > start && wantedEnd > start && equalValues(old[oldEnd - 1], wanted[wantedEnd - 1])) {
    matched[--wantedEnd] = --oldEnd;
  }
  const rows = oldEnd - start;
  const columns = wantedEnd - start;
  if (rows * columns > MAX_PAIRS) {
    for (let index = start; index < Math.min(oldEnd, wantedEnd); index++) {
      if (similarity(old[index], wanted[index]) > 0) matched[index] = index;
    }
    return matched;
  }

  // best[row][column]: greatest sum of similarities of pairs within the tails that begin there.
  const width = columns + 1;
  const best = new Float64Array((rows + 1) * width);
  const alike = new Float64Array(rows * columns);
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      const likeness = similarity(old[start + row], wanted[start + column]);
      alike[row * columns + column] = likeness;
      const paired = likeness === 0 ? 0 : likeness + (best[(row + 1) * width + column + 1] ?? 0);
      best[row * width + column] = Math.max(
        paired,
        best[(row + 1) * width + column] ?? 0,
        best[row * width + column + 1] ?? 0,
      );
    }
  }
  for (let row = 0, column = 0; row < rows && column < columns;) {
    const likeness = alike[row * columns + column] ?? 0;
    const total = best[row * width + column] ?? 0;
    if (likeness > 0 && total === likeness + (best[(row + 1) * width + column + 1] ?? 0)) {
      matched[start + column++] = start + row++;
    } else if (total === best[(row + 1) * width + column]) row++;
    else column++;
  }
  return matched;
}

function similarity(left: Value | undefined, right: Value | undefined): number {
  if (equalValues(left, right)) return EQUAL;
  if (left === null) return SAME_SHAPE;
  if (isValueMap(left) && isValueMap(right)) {
    const { name } = left;
    if (typeof name !== "string" || typeof right["name"] !== "string") return SAME_SHAPE;
    return name === right["name"] ? SAME_NAME : 0;
  }
  if (isValueList(left) || isValueList(right)) return isValueList(left) && isValueList(right) ? SAME_SHAPE : 0;
  return isValueMap(left) || isValueMap(right) ? 0 : SAME_SHAPE;
}
