/** A line that stands once in each of two texts, by its index in both. */
export interface AnchorLine {
  readonly old: number;
  readonly new: number;
}

/**
 * Lines that stand exactly once in both texts, as many as keep their order: large texts are compared between them, piece
 * by piece.
 *
 * @returns ascending in both indexes
 * @see Bram Cohen's patience diff
 */
export function anchorLines(before: readonly string[], after: readonly string[]): readonly AnchorLine[] {
  const oldIndexes = onceIndexes(before);
  const pairs: AnchorLine[] = [];
  for (const [line, index] of onceIndexes(after)) {
    const old = oldIndexes.get(line);
    if (old !== undefined) pairs.push({ old, new: index });
  }
  return longestAscending(pairs);
}

/** Index of each line that stands there once, in order. */
function onceIndexes(lines: readonly string[]): ReadonlyMap<string, number> {
  const indexes = new Map<string, number>();
  const repeated = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (indexes.has(line)) repeated.add(line);
    else indexes.set(line, index);
  }
  for (const line of repeated) indexes.delete(line);
  return indexes;
}

/** The longest part of the pairs, which ascend in the new index, that ascends in the old one too. */
function longestAscending(pairs: readonly AnchorLine[]): readonly AnchorLine[] {
  const previous = new Int32Array(pairs.length).fill(-1);
  // The pair with the smallest old index at which a sequence of each length ends.
  const ends: number[] = [];
  for (const [index, pair] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.old ?? 0) < pair.old) low = middle + 1;
      else high = middle;
    }
    previous[index] = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = index;
  }
  const result: AnchorLine[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    const pair = pairs[at];
    if (pair !== undefined) result.push(pair);
  }
  return result.toReversed();
}
