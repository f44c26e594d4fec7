import { describe, expect, test } from "bun:test";
import { orAborted, startDeadline } from "../../src/lib/deadline.ts";

const NEVER = new AbortController().signal;

describe("startDeadline()", () => {
  test("aborts its signal when the time is over", async () => {
    const deadline = startDeadline(1, NEVER);
    await new Promise((resolve) => deadline.signal.addEventListener("abort", resolve));
    expect(deadline.isOver).toBe(true);
    expect(deadline.signal.reason).toHaveProperty("name", "TimeoutError");
  });

  test("aborts its signal together with its parent, and is not over then", () => {
    const parent = new AbortController();
    const deadline = startDeadline(60_000, parent.signal);
    parent.abort();
    expect([deadline.signal.aborted, deadline.isOver]).toEqual([true, false]);
    deadline.stop();
  });

  test("does nothing more once it is stopped", async () => {
    const deadline = startDeadline(1, NEVER);
    deadline.stop();
    const later = startDeadline(10, NEVER);
    await new Promise((resolve) => later.signal.addEventListener("abort", resolve));
    expect(deadline.signal.aborted).toBe(false);
  });
});

describe("orAborted()", () => {
  test("passes results and errors on", async () => {
    expect(await orAborted(Promise.resolve(7), NEVER)).toBe(7);
    expect(await orAborted(Promise.reject(new Error("no")), NEVER).catch(String)).toBe("Error: no");
  });

  test("rejects when its signal is aborted, before or during the work", async () => {
    const work = new Promise<never>(() => {});
    expect(await orAborted(work, AbortSignal.abort("stop")).catch(String)).toBe("stop");
    const controller = new AbortController();
    const result = orAborted(work, controller.signal).catch(String);
    controller.abort("stop");
    expect(await result).toBe("stop");
  });
});
