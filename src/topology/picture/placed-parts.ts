import type { SceneEdge, SceneNode } from "./scene.ts";

/** Heights inside a box, in pixels. */
export const BOX = { head: 46, row: 20, foot: 8, padding: 12 } as const;

/** A box with its place. */
export interface PlacedBox {
  readonly node: SceneNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A point of a line. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line with its way: pairs of points joined by curves, the pairs among themselves by straight lines. */
export interface PlacedLine {
  readonly edge: SceneEdge;
  readonly points: readonly Point[];
}

/** Height of the place that a line takes where it passes between boxes. */
export const PASS_HEIGHT = 6;

/** One line in terms of items: the boxes and the places that it passes, from left to right. */
export interface Route {
  readonly edge: SceneEdge;
  readonly items: readonly number[];
  /** It runs from right to left. */
  readonly isBackward: boolean;
}

/** Where a layer stands, from left to right. */
export interface Column {
  readonly x: number;
  readonly width: number;
}
