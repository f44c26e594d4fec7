/** Something that takes room in a layer. */
export interface Slot {
  readonly item: number;
  readonly height: number;
}

/** Free room between two slots. */
const GAP = 20;
const ROUNDS = 6;

/**
 * Heights at which the items of each layer stand: in their order, apart from each other, and as near to the items that
 * they are linked with as that allows.
 *
 * @param layers slots from top to bottom
 * @param pullsOf where links of an item would like its top to be, given the tops so far
 * @returns top of each item
 */
export function stackLayers(
  layers: readonly (readonly Slot[])[],
  pullsOf: (item: number, tops: ReadonlyMap<number, number>) => readonly number[],
): ReadonlyMap<number, number> {
  const tops = new Map<number, number>();
  for (const layer of layers) {
    let top = 0;
    for (const { item, height } of layer) {
      tops.set(item, top);
      top += height + GAP;
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const layer of round % 2 === 0 ? layers : layers.toReversed()) settle(layer, tops, pullsOf);
  }
  let highest = Number.POSITIVE_INFINITY;
  for (const top of tops.values()) highest = Math.min(highest, top);
  return new Map(Array.from(tops, ([item, top]) => [item, Math.round(top - highest)]));
}

/**
 * Moves the slots of a layer to the wanted tops with the least sum of squares that keeps order and gaps: neighbours that
 * would overlap become one block at their mean (isotonic regression).
 */
function settle(
  layer: readonly Slot[],
  tops: Map<number, number>,
  pullsOf: (item: number, tops: ReadonlyMap<number, number>) => readonly number[],
): void {
  const blocks: { sum: number; weight: number; count: number }[] = [];
  let offset = 0;
  for (const { item, height } of layer) {
    const pulls = pullsOf(item, tops);
    const wanted =
      pulls.length === 0 ? (tops.get(item) ?? 0) : pulls.reduce((sum, pull) => sum + pull, 0) / pulls.length;
    // What nothing pulls gives way to what something does.
    const weight = pulls.length === 0 ? 0.1 : 1;
    let block = { sum: (wanted - offset) * weight, weight, count: 1 };
    for (
      let last = blocks.at(-1);
      last !== undefined && last.sum / last.weight > block.sum / block.weight;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: last.sum + block.sum, weight: last.weight + block.weight, count: last.count + block.count };
    }
    blocks.push(block);
    offset += height + GAP;
  }
  let index = 0;
  offset = 0;
  for (const { sum, weight, count } of blocks) {
    for (const { item, height } of layer.slice(index, index + count)) {
      tops.set(item, sum / weight + offset);
      offset += height + GAP;
    }
    index += count;
  }
}
