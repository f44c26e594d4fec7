import { describe, expect, test } from "bun:test";
import { timeLeft } from "../../src/terminal/time-left.ts";

describe("timeLeft()", () => {
  test.each([
    [10_000, 50, 100, "10s"],
    [2000, 99, 100, "1s"],
    [60_000, 1, 2, "1m00s"],
    [65_000, 1, 4, "3m15s"],
    [60_000, 1, 63, "1h02m"],
    [60_000, 1, 5000, "83h19m"],
  ])("after %d ms for %d of %d says %p", (elapsedMs, done, total, expected) => {
    expect(timeLeft(elapsedMs, done, total)).toBe(expected);
  });
  test.each([
    ["too early", 1999, 50, 100],
    ["before anything was done", 10_000, 0, 100],
    ["when everything was done", 10_000, 100, 100],
    ["beyond what was expected", 10_000, 101, 100],
    ["without knowing how much there is", 10_000, 50, undefined],
    ["for times that nobody waits for", 60_000, 1, 10_000],
  ])("says nothing %s", (_, elapsedMs, done, total) => {
    expect(timeLeft(elapsedMs, done, total)).toBeUndefined();
  });
});
