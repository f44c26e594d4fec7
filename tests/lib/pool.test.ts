import { describe, expect, test } from "bun:test";
import { mapAhead, mapPool } from "../../src/lib/pool.ts";

describe("mapPool()", () => {
  test("keeps the order of results and the limit", async () => {
    let running = 0;
    let highest = 0;
    const results = await mapPool([5, 1, 4, 2, 3], 2, async (item) => {
      highest = Math.max(highest, ++running);
      for (let turn = 0; turn < item; turn++) await Promise.resolve();
      running--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30]);
    expect(highest).toBe(2);
  });

  test("starts nothing after a failure and throws the first one", async () => {
    const started: number[] = [];
    const call = mapPool([1, 2, 3, 4], 1, async (item) => {
      started.push(item);
      if (item === 2) throw new Error("second");
    });
    expect(call).rejects.toThrow("second");
    await call.catch(() => {});
    expect(started).toEqual([1, 2]);
  });

  test("handles no items", async () => {
    expect(await mapPool([], 4, async () => 1)).toEqual([]);
  });
});

describe("mapAhead()", () => {
  test("yields results in order and runs a few tasks ahead", async () => {
    const started: number[] = [];
    const results = mapAhead([1, 2, 3, 4], 2, async (item) => {
      started.push(item);
      return item * 10;
    });
    expect(started).toEqual([]);
    expect((await results.next()).value).toBe(10);
    expect(started).toEqual([1, 2]);
    const rest: number[] = [];
    for await (const result of results) rest.push(result);
    expect(rest).toEqual([20, 30, 40]);
  });

  test("throws a failure when its turn comes", async () => {
    const results = mapAhead([1, 2], 2, async (item) => {
      if (item === 2) throw new Error("second");
      return item;
    });
    expect((await results.next()).value).toBe(1);
    expect(results.next()).rejects.toThrow("second");
  });
});
