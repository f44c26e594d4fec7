/** A line of a graph by the numbers of its ends. */
export interface Link {
  readonly from: number;
  readonly to: number;
}

/**
 * Puts nodes into layers so that most links lead to a later one. Links that would close a circle are left out of account.
 *
 * @param count of nodes, numbered from 0
 * @returns the layer of each node, from 0
 */
export function layersOf(count: number, links: readonly Link[]): readonly number[] {
  const next: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of links) if (from !== to) next[from]?.push(to);
  const order = topologicalOrder(count, next, links);
  const rank = new Map(order.map((node, index) => [node, index]));
  const layers = Array.from({ length: count }, () => 0);
  for (const node of order) {
    for (const to of next[node] ?? []) {
      if ((rank.get(to) ?? 0) > (rank.get(node) ?? 0)) layers[to] = Math.max(layers[to] ?? 0, (layers[node] ?? 0) + 1);
    }
  }
  return layers;
}

/** Depth first without recursion, from nodes that nothing leads to; reversed order of leaving. */
function topologicalOrder(
  count: number,
  next: readonly (readonly number[])[],
  links: readonly Link[],
): readonly number[] {
  const isTarget = new Set(links.filter(({ from, to }) => from !== to).map(({ to }) => to));
  const nodes = Array.from({ length: count }, (_, index) => index);
  const starts = [...nodes.filter((node) => !isTarget.has(node)), ...nodes.filter((node) => isTarget.has(node))];
  const left: number[] = [];
  const seen = new Set<number>();
  for (const start of starts) {
    if (seen.has(start)) continue;
    seen.add(start);
    const stack = [{ node: start, at: 0 }];
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top === undefined) break;
      const to = next[top.node]?.[top.at++];
      if (to === undefined) {
        left.push(top.node);
        stack.pop();
      } else if (!seen.has(to)) {
        seen.add(to);
        stack.push({ node: to, at: 0 });
      }
    }
  }
  return left.toReversed();
}

/**
 * Orders the items of each layer so that few links cross: each goes to the mean place of its neighbours, back and forth.
 *
 * @param layers items by layer, in their first order
 * @param links between items of neighbouring layers
 */
export function orderLayers(
  layers: readonly (readonly number[])[],
  links: readonly Link[],
): readonly (readonly number[])[] {
  const before = Map.groupBy(links, ({ to }) => to);
  const after = Map.groupBy(links, ({ from }) => from);
  const ordered = layers.map((layer) => [...layer]);
  const place = new Map<number, number>();
  const settle = (layer: readonly number[]): void => layer.forEach((item, index) => void place.set(item, index));
  for (const layer of ordered) settle(layer);
  const mean = (item: number, neighbours: readonly number[]): number =>
    neighbours.length === 0
      ? (place.get(item) ?? 0)
      : neighbours.reduce((sum, each) => sum + (place.get(each) ?? 0), 0) / neighbours.length;
  const sweep = (layer: number[], neighboursOf: (item: number) => readonly number[]): void => {
    const means = new Map(layer.map((item) => [item, mean(item, neighboursOf(item))]));
    layer.sort((left, right) => (means.get(left) ?? 0) - (means.get(right) ?? 0));
    settle(layer);
  };
  for (let round = 0; round < 8; round++) {
    for (const layer of ordered) sweep(layer, (item) => (before.get(item) ?? []).map(({ from }) => from));
    for (const layer of ordered.toReversed()) sweep(layer, (item) => (after.get(item) ?? []).map(({ to }) => to));
  }
  return ordered;
}
