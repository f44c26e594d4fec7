import { median } from "./median.ts";

/** A point of a line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How much y grows with x: the median over all pairs of points, so that a few strange points do not count (Theil-Sen). */
export function slopeOf(points: readonly Point[]): number {
  return median(
    points.flatMap((from, index) => points.slice(index + 1).map((to) => (to.y - from.y) / (to.x - from.x))),
  );
}
