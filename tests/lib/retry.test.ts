import { describe, expect, test } from "bun:test";
import { retry } from "../../src/lib/retry.ts";
import { sleep } from "../../src/lib/sleep.ts";

const POLICY = { attempts: 4, baseDelayMs: 100, maxDelayMs: 350 };
const { signal } = new AbortController();

describe("retry()", () => {
  test("waits longer each time, within half and all of the bound", async () => {
    const waits: number[] = [];
    let tries = 0;
    const task = (): Promise<string> => (++tries < 4 ? Promise.reject(new Error("again")) : Promise.resolve("done"));
    const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
    expect(await retry(POLICY, task, () => ({ again: true }), wait, signal)).toBe("done");
    const [first, second, third] = waits as [number, number, number];
    expect(first).toBeWithin(50, 101);
    expect(second).toBeWithin(100, 201);
    expect(third).toBeWithin(175, 351);
  });

  test("gives up when the failure is final or the tries are used up", async () => {
    let tries = 0;
    const task = (): Promise<void> => Promise.reject(new Error(`failure ${++tries}`));
    const wait = (): Promise<void> => Promise.resolve();
    expect(retry(POLICY, task, () => ({ again: false }), wait, signal)).rejects.toThrow("failure 1");
    tries = 0;
    expect(retry(POLICY, task, () => ({ again: true }), wait, signal)).rejects.toThrow("failure 4");
  });

  test("waits as long as the peer asks, but not longer than the policy allows", async () => {
    const waits: number[] = [];
    const afters = [300, 100_000];
    let tries = 0;
    const task = (): Promise<void> => (tries++ < 2 ? Promise.reject(new Error("again")) : Promise.resolve());
    const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));
    await retry(POLICY, task, (_, attempt) => ({ again: true, afterMs: afters[attempt - 1] }), wait, signal);
    expect(waits).toEqual([300, 350]);
  });
});

describe("sleep()", () => {
  test("ends early when it is aborted, and at once when it was before", async () => {
    const controller = new AbortController();
    const waiting = sleep(60_000, controller.signal);
    controller.abort(new Error("stop"));
    expect(waiting).rejects.toThrow("stop");
    expect(sleep(60_000, controller.signal)).rejects.toThrow("stop");
    await sleep(1, signal);
  });
});
