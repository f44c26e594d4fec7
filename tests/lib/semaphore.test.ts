import { describe, expect, test } from "bun:test";
import { Semaphore } from "../../src/lib/semaphore.ts";

describe("Semaphore", () => {
  test("runs no more tasks at once than allowed, in order, also after failures", async () => {
    const semaphore = new Semaphore(2);
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const task = async (index: number): Promise<void> => {
      order.push(index);
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (index === 1) throw new Error("failed");
    };
    await Promise.allSettled([0, 1, 2, 3, 4, 5].map((index) => semaphore.run(() => task(index))));
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
    expect([most, running]).toEqual([2, 0]);
  });
});
