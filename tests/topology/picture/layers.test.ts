import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { layersOf, type Link, orderLayers } from "../../../src/topology/picture/layers.ts";
import { stackLayers } from "../../../src/topology/picture/stack-layers.ts";

const links = (...pairs: readonly [number, number][]): readonly Link[] => pairs.map(([from, to]) => ({ from, to }));
const graph = fc.integer({ min: 1, max: 20 }).chain((count) => {
  const node = fc.integer({ min: 0, max: count - 1 });
  return fc.tuple(fc.constant(count), fc.array(fc.record({ from: node, to: node }), { maxLength: 60 }));
});

describe("layersOf()", () => {
  test("puts servers behind their clients, as far as the longest way", () => {
    expect(layersOf(4, links([0, 1], [1, 2], [0, 2]))).toEqual([0, 1, 2, 0]);
  });
  test("gives a circle layers too, and ignores loops", () => {
    expect(layersOf(3, links([0, 1], [1, 2], [2, 0]))).toEqual([0, 1, 2]);
    expect(layersOf(1, links([0, 0]))).toEqual([0]);
  });
  test("never leaves two linked nodes in one layer", () => {
    fc.assert(
      fc.property(graph, ([count, all]) => {
        const layers = layersOf(count, all);
        for (const { from, to } of all) if (from !== to) expect(layers[from]).not.toBe(layers[to]!);
      }),
      { seed: 6, numRuns: 200 },
    );
  });
  test("takes a chain of thousands without recursion", () => {
    const chain = Array.from({ length: 20_000 }, (_, from) => ({ from, to: from + 1 }));
    expect(layersOf(20_001, chain).at(-1)).toBe(20_000);
  });
});

describe("orderLayers()", () => {
  test("uncrosses two links", () => {
    const ordered = orderLayers(
      [
        [0, 1],
        [2, 3],
      ],
      links([0, 3], [1, 2]),
    );
    const partners = ordered[0]!.map((item) => (item === 0 ? 3 : 2));
    expect(ordered[1]).toEqual(partners);
  });
});

describe("stackLayers()", () => {
  test("keeps order and gaps whatever pulls, and begins at 0", () => {
    const numbers = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(numbers, (wanted) => {
        const layer = wanted.map((_, item) => ({ item, height: 30 + item }));
        const tops = stackLayers([layer], (item) => [wanted[item]!]);
        const sorted = layer.map(({ item }) => tops.get(item)!);
        expect(Math.min(...sorted)).toBe(0);
        for (const [index, { height }] of layer.slice(0, -1).entries()) {
          // Places are rounded to pixels.
          expect(sorted[index + 1]! - sorted[index]!).toBeGreaterThanOrEqual(height + 19);
        }
      }),
      { seed: 6, numRuns: 100 },
    );
  });
});
