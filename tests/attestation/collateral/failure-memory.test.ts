import { describe, expect, test } from "bun:test";
import { FailureMemory } from "../../../src/attestation/collateral/failure-memory.ts";
import { manualClock } from "../../fakes/manual-clock.ts";

describe("FailureMemory", () => {
  test("remembers half a minute, longer if it is told so, but not for ever", () => {
    const clock = manualClock("2026-01-01T00:00:00Z");
    const memory = new FailureMemory(clock.now);
    memory.remember("a", "down", undefined);
    memory.remember("b", "throttled", 60_000);
    memory.remember("c", "closed", 24 * 60 * 60 * 1000);
    clock.advance(29_999);
    expect(["a", "b", "c", "d"].map((url) => memory.recall(url))).toEqual(["down", "throttled", "closed", undefined]);
    clock.advance(1);
    expect(["a", "b", "c"].map((url) => memory.recall(url))).toEqual([undefined, "throttled", "closed"]);
    clock.advance(10 * 60 * 1000 - 30_000);
    expect(memory.recall("c")).toBeUndefined();
  });

  test("forgets the oldest of more than a thousand", () => {
    const memory = new FailureMemory(manualClock("2026-01-01T00:00:00Z").now);
    for (let index = 0; index <= 1000; index++) memory.remember(String(index), "down", undefined);
    expect(memory.recall("0")).toBeUndefined();
    expect(memory.recall("1")).toBe("down");
    memory.remember("1", "still down", undefined);
    memory.remember("new", "down", undefined);
    expect(memory.recall("1")).toBe("still down");
    expect(memory.recall("2")).toBeUndefined();
  });
});
