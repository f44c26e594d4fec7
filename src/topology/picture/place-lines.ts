import { BOX, type Column, PASS_HEIGHT, type PlacedBox, type PlacedLine, type Route } from "./placed-parts.ts";

/**
 * Leads lines from box to box through the places that were kept free for them.
 *
 * @param boxes by number of their node
 * @param tops of boxes and of places to pass
 * @param layerOf layer of each node
 */
export function placeLines(
  routes: readonly Route[],
  boxes: ReadonlyMap<number, PlacedBox>,
  columns: readonly Column[],
  tops: ReadonlyMap<number, number>,
  layerOf: readonly number[],
): readonly PlacedLine[] {
  const starts = startHeights(routes, boxes, tops);
  return routes.flatMap((route): readonly PlacedLine[] => {
    const { edge, items, isBackward } = route;
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    const y = to.y + (edge.row === undefined ? BOX.head / 2 : BOX.head + (edge.row + 0.5) * BOX.row);
    const isLoop = edge.from === edge.to;
    const start = { x: isBackward ? from.x : from.x + from.width, y: starts.get(route) ?? from.y };
    const end = { x: isBackward || isLoop ? to.x + to.width : to.x, y };
    const first = Math.min(layerOf[edge.from] ?? 0, layerOf[edge.to] ?? 0);
    const passes = items.slice(1, -1).map((item, index) => {
      const { x = 0, width = 0 } = columns[first + index + 1] ?? {};
      const height = (tops.get(item) ?? 0) + PASS_HEIGHT / 2;
      const sides = [
        { x, y: height },
        { x: x + width, y: height },
      ];
      return isBackward ? sides.toReversed() : sides;
    });
    const points = [start, ...(isBackward ? passes.toReversed() : passes).flat(), end];
    return [{ edge, points }];
  });
}

/** Lines leave a box below each other, in the order of the heights that they lead to. */
function startHeights(
  routes: readonly Route[],
  boxes: ReadonlyMap<number, PlacedBox>,
  tops: ReadonlyMap<number, number>,
): ReadonlyMap<Route, number> {
  const heights = new Map<Route, number>();
  const next = ({ items, isBackward }: Route): number => tops.get((isBackward ? items.at(-2) : items[1]) ?? 0) ?? 0;
  const groups = Map.groupBy(routes, ({ edge, isBackward }) => `${edge.from} ${isBackward}`);
  for (const group of groups.values()) {
    const sorted = group.toSorted(
      (left, right) => next(left) - next(right) || (left.edge.row ?? 0) - (right.edge.row ?? 0),
    );
    for (const [index, route] of sorted.entries()) {
      const box = boxes.get(route.edge.from);
      if (box === undefined) continue;
      const room = box.height - 20;
      heights.set(route, Math.round(box.y + 10 + ((index + 0.5) * room) / sorted.length));
    }
  }
  return heights;
}
