import { ContrastError } from "../../lib/errors.ts";
import { layersOf, type Link, orderLayers } from "./layers.ts";
import { BOX, type Column, PASS_HEIGHT, type PlacedBox, type PlacedLine, type Route } from "./placed-parts.ts";
import { placeLines } from "./place-lines.ts";
import type { Scene, SceneNode } from "./scene.ts";
import { type Slot, stackLayers } from "./stack-layers.ts";
import { textWidth } from "./text-width.ts";

/** A picture without colours; the size is in pixels. */
export interface Layout {
  readonly boxes: readonly PlacedBox[];
  readonly lines: readonly PlacedLine[];
  readonly width: number;
  readonly height: number;
}

const MAX_NODES = 2000;
/** Places that lines pass, one for each layer that they cross. */
const MAX_PASSES = 20_000;
const MIN_WIDTH = 170;
const MAX_WIDTH = 320;

/**
 * Places boxes in layers from left to right, clients before servers, and leads lines around boxes.
 *
 * @throws ContrastError `topology/picture-too-large`
 */
export function layOut(scene: Scene): Layout {
  const { nodes, edges } = scene;
  const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const layerOf = layersOf(nodes.length, edges);
  const routes: Route[] = [];
  const layers: number[][] = [];
  const put = (item: number, layer: number): void => {
    while (layers.length <= layer) layers.push([]);
    layers[layer]?.push(item);
  };
  for (const index of nodes.keys()) if (linked.has(index)) put(index, layerOf[index] ?? 0);
  let items = nodes.length;
  for (const edge of edges) {
    const [from, to] = [layerOf[edge.from] ?? 0, layerOf[edge.to] ?? 0];
    const [first, last] = from <= to ? [edge.from, edge.to] : [edge.to, edge.from];
    const passes: number[] = [];
    for (let layer = Math.min(from, to) + 1; layer < Math.max(from, to); layer++) {
      put(items, layer);
      passes.push(items++);
    }
    routes.push({ edge, items: [first, ...passes, last], isBackward: from > to });
    if (nodes.length > MAX_NODES || items - nodes.length > MAX_PASSES) throw tooLarge(nodes.length, edges.length);
  }
  const links = routes.filter(({ edge }) => edge.from !== edge.to).flatMap(({ items: path }) => linksOf(path));
  const ordered = orderLayers(layers, links);
  const tops = stackLayers(
    ordered.map((layer) => layer.map((item): Slot => ({ item, height: heightOf(nodes[item]) }))),
    pulls(nodes, links),
  );
  const columns = columnsOf(ordered, nodes, links);
  const boxes = placeBoxes(nodes, ordered, tops, columns);
  const lines = placeLines(routes, boxes, columns, tops, layerOf);
  return withLonelyBoxes(nodes, linked, boxes, lines);
}

function tooLarge(nodes: number, edges: number): ContrastError {
  const message = `Cannot draw the mesh: got ${nodes} boxes and ${edges} lines, need fewer for a picture`;
  return new ContrastError("topology/picture-too-large", message, {
    hint: "Name fewer files, or use --as dot with a layout program made for large graphs.",
  });
}

function linksOf(items: readonly number[]): readonly Link[] {
  return items.slice(1).map((to, index) => ({ from: items[index] ?? to, to }));
}

/** @param node undefined for a place that a line passes */
function heightOf(node: SceneNode | undefined): number {
  return node === undefined ? PASS_HEIGHT : BOX.head + node.rows.length * BOX.row + BOX.foot;
}

/** Each link wants the middles of both ends at one height. */
function pulls(nodes: readonly SceneNode[], links: readonly Link[]) {
  const neighbours = new Map<number, number[]>();
  const join = (item: number, other: number): void => {
    const known = neighbours.get(item);
    if (known === undefined) neighbours.set(item, [other]);
    else known.push(other);
  };
  for (const { from, to } of links) {
    join(from, to);
    join(to, from);
  }
  return (item: number, tops: ReadonlyMap<number, number>): readonly number[] =>
    (neighbours.get(item) ?? []).map(
      (other) => (tops.get(other) ?? 0) + heightOf(nodes[other]) / 2 - heightOf(nodes[item]) / 2,
    );
}

function columnsOf(
  layers: readonly (readonly number[])[],
  nodes: readonly SceneNode[],
  links: readonly Link[],
): readonly Column[] {
  const layer = new Map(layers.flatMap((items, index) => items.map((item) => [item, index] as const)));
  const crossing = new Map<number, number>();
  for (const { from } of links) crossing.set(layer.get(from) ?? 0, (crossing.get(layer.get(from) ?? 0) ?? 0) + 1);
  let x = 0;
  return layers.map((items, index) => {
    const width = Math.max(MIN_WIDTH, ...items.map((item) => widthOf(nodes[item])));
    const column = { x, width };
    x += width + 80 + Math.min(120, (crossing.get(index) ?? 0) * 5);
    return column;
  });
}

function widthOf(node: SceneNode | undefined): number {
  if (node === undefined) return 0;
  const rows = node.rows.map(({ text, word }) => textWidth(text, 12) + textWidth(word, 12) + 32);
  const widest = Math.max(textWidth(node.title, 14, true), textWidth(node.caption, 11), ...rows);
  return Math.min(MAX_WIDTH, Math.ceil(widest) + 2 * BOX.padding);
}

function placeBoxes(
  nodes: readonly SceneNode[],
  layers: readonly (readonly number[])[],
  tops: ReadonlyMap<number, number>,
  columns: readonly Column[],
): Map<number, PlacedBox> {
  const boxes = new Map<number, PlacedBox>();
  for (const [index, layer] of layers.entries()) {
    const { x = 0, width = MIN_WIDTH } = columns[index] ?? {};
    for (const item of layer) {
      const node = nodes[item];
      if (node !== undefined) boxes.set(item, { node, x, y: tops.get(item) ?? 0, width, height: heightOf(node) });
    }
  }
  return boxes;
}

const LONELY_GAP = 24;

/** Boxes without lines stand in rows below the others. */
function withLonelyBoxes(
  nodes: readonly SceneNode[],
  linked: ReadonlySet<number>,
  boxes: ReadonlyMap<number, PlacedBox>,
  lines: readonly PlacedLine[],
): Layout {
  const placed = [...boxes.values()];
  let width = placed.reduce((most, box) => Math.max(most, box.x + box.width), 0);
  let height = placed.reduce((most, box) => Math.max(most, box.y + box.height), 0);
  const lonely = nodes.filter((_, index) => !linked.has(index));
  const limit = Math.max(width, Math.min(1600, 400 * Math.ceil(Math.sqrt(lonely.length))));
  let [x, y, rowHeight] = [0, placed.length === 0 ? 0 : height + 2 * LONELY_GAP, 0];
  for (const node of lonely) {
    const box = { node, width: Math.max(MIN_WIDTH, widthOf(node)), height: heightOf(node) };
    if (x > 0 && x + box.width > limit) [x, y, rowHeight] = [0, y + rowHeight + LONELY_GAP, 0];
    placed.push({ ...box, x, y });
    x += box.width + LONELY_GAP;
    rowHeight = Math.max(rowHeight, box.height);
    width = Math.max(width, x - LONELY_GAP);
    height = Math.max(height, y + box.height);
  }
  return { boxes: placed, lines, width, height };
}
