import type { EditContext } from "./edit-context.ts";

/**
 * Removes entries or items of a flow collection with one of the commas beside them; at least one must stay.
 *
 * @returns the end of the last one that stays
 */
export function removeFromFlow(
  context: EditContext,
  ranges: readonly { readonly start: number; readonly end: number }[],
  gone: readonly boolean[],
): number {
  let lastEnd = 0;
  for (let index = 0; index < ranges.length; index++) {
    const range = ranges[index];
    if (range === undefined) continue;
    if (gone[index] !== true) {
      lastEnd = range.end;
      continue;
    }
    let next = index + 1;
    while (next < ranges.length && gone[next] === true) next++;
    const following = ranges[next];
    if (following === undefined) context.replace(lastEnd, ranges[next - 1]?.end ?? range.end, []);
    else context.replace(range.start, following.start, []);
    index = next - 1;
  }
  return lastEnd;
}
