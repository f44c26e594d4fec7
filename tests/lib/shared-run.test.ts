import { describe, expect, test } from "bun:test";
import { sharedRun } from "../../src/lib/shared-run.ts";

/** Runs that end when the test says so. */
function heldRuns(): { readonly run: () => Promise<number>; readonly ends: ((error?: Error) => void)[] } {
  const ends: ((error?: Error) => void)[] = [];
  const run = (): Promise<number> => {
    const number = ends.length + 1;
    return new Promise((resolve, reject) => {
      ends.push((error) => (error === undefined ? resolve(number) : reject(error)));
    });
  };
  return { run, ends };
}

describe("sharedRun()", () => {
  test("gives everybody who asks during a run the next one", async () => {
    const { run, ends } = heldRuns();
    const ask = sharedRun(run);
    const [first, second, third] = [ask(), ask(), ask()];
    expect(ends).toHaveLength(1);
    ends[0]?.();
    expect(await first).toBe(1);
    await Promise.resolve();
    expect(ends).toHaveLength(2);
    const fourth = ask();
    ends[1]?.();
    expect(await Promise.all([second, third])).toEqual([2, 2]);
    await Promise.resolve();
    ends[2]?.();
    expect(await fourth).toBe(3);
  });

  test("begins anew after a failure, also for those who wait", async () => {
    const { run, ends } = heldRuns();
    const ask = sharedRun(run);
    const [first, second] = [ask(), ask()];
    ends[0]?.(new Error("first"));
    expect(await first.catch((error: Error) => error.message)).toBe("first");
    await Promise.resolve();
    ends[1]?.();
    expect(await second).toBe(2);
    const third = ask();
    ends[2]?.();
    expect(await third).toBe(3);
  });
});
