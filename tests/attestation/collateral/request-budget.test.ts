import { describe, expect, test } from "bun:test";
import { RequestBudget } from "../../../src/attestation/collateral/request-budget.ts";
import { manualClock } from "../../fakes/manual-clock.ts";

describe("RequestBudget", () => {
  const start = () => {
    const clock = manualClock("2026-01-10T12:00:00Z");
    const budget = new RequestBudget({ burst: 3, perMinute: 2 }, clock.now);
    const takeAll = (): number => {
      let count = 0;
      while (count < 100 && budget.take()) count++;
      return count;
    };
    return { clock, takeAll };
  };

  test("*take()* gives the burst, then as many as the rate allows", () => {
    const { clock, takeAll } = start();
    expect(takeAll()).toBe(3);
    clock.advance(29_000);
    expect(takeAll()).toBe(0);
    clock.advance(1_000);
    expect(takeAll()).toBe(1);
    clock.advance(60_000);
    expect(takeAll()).toBe(2);
  });

  test("*take()* never gives more than the burst", () => {
    const { clock, takeAll } = start();
    takeAll();
    clock.advance(24 * 60 * 60_000);
    expect(takeAll()).toBe(3);
  });

  test("*take()* gives nothing for a clock that was set back, and goes on from there", () => {
    const { clock, takeAll } = start();
    takeAll();
    clock.advance(-60 * 60_000);
    expect(takeAll()).toBe(0);
    clock.advance(30_000);
    expect(takeAll()).toBe(1);
  });
});
