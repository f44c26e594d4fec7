import { describe, expect, test } from "bun:test";
import { untilAborted } from "../../src/lib/until-aborted.ts";

describe("untilAborted()", () => {
  test("waits for the signal", async () => {
    const controller = new AbortController();
    let isOver = false;
    const wait = untilAborted(controller.signal).then(() => {
      isOver = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    controller.abort();
    await wait;
  });

  test("does not wait for one that came before", async () => {
    await untilAborted(AbortSignal.abort());
  });
});
