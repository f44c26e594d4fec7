import { describe, expect, test } from "bun:test";
import { ByteBudget, type ByteShare } from "../../../src/rpc/serve/byte-budget.ts";

/** A budget of 100 bytes whose users lose patience after 10 ms. */
function budgetOf() {
  const clock = { nowMs: 0 };
  const budget = new ByteBudget({ bytes: 100, patienceMs: 10, clockMs: () => clock.nowMs });
  const evicted: string[] = [];
  const open = (name: string, bytes: number): ByteShare => {
    const share = budget.open(() => evicted.push(name));
    expect(share.take(bytes)).toBe(true);
    return share;
  };
  return { clock, evicted, open };
}

describe("ByteBudget", () => {
  test("gives no more than it has, and again what was given back", () => {
    const { open, evicted } = budgetOf();
    const [first, second] = [open("first", 60), open("second", 40)];
    expect(second.take(1)).toBe(false);
    first.release();
    expect(second.take(60)).toBe(true);
    expect(second.take(1)).toBe(false);
    expect(evicted).toEqual([]);
  });

  test("gives nothing to who has given back, because it would not do so again", () => {
    const { open } = budgetOf();
    const first = open("first", 60);
    first.release();
    first.setWaiting(true);
    expect(first.take(60)).toBe(false);
    first.release();
    expect(open("second", 100).take(1)).toBe(false);
  });

  test("ends who has waited longest, no more than needed, and not before its time", () => {
    const { clock, open, evicted } = budgetOf();
    open("first", 40);
    clock.nowMs = 1;
    open("second", 40);
    const third = open("third", 20);
    clock.nowMs = 9;
    expect(third.take(10)).toBe(false);
    clock.nowMs = 10;
    expect(third.take(10)).toBe(true);
    expect(evicted).toEqual(["first"]);
    expect(third.take(31)).toBe(false);
    clock.nowMs = 11;
    expect(third.take(31)).toBe(true);
    expect(evicted).toEqual(["first", "second"]);
  });

  test("ends nobody for what would not be enough, nor who asks, nor who does not wait", () => {
    const { clock, open, evicted } = budgetOf();
    const busy = open("busy", 50);
    busy.setWaiting(false);
    const first = open("first", 50);
    clock.nowMs = 10;
    expect(first.take(1)).toBe(false);
    expect(() => open("second", 51)).toThrow();
    busy.setWaiting(true);
    clock.nowMs = 19;
    expect(() => open("third", 51)).toThrow();
    expect(evicted).toEqual([]);
    clock.nowMs = 20;
    open("fourth", 51);
    expect(evicted).toEqual(["first", "busy"]);
  });

  test("counts from the first byte", () => {
    const { clock, open, evicted } = budgetOf();
    const late = open("late", 0);
    clock.nowMs = 10;
    expect(late.take(100)).toBe(true);
    expect(() => open("second", 1)).toThrow();
    clock.nowMs = 20;
    open("third", 1);
    expect(evicted).toEqual(["late"]);
  });
});
