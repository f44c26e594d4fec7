import { describe, expect, test } from "bun:test";
import { createProgressBars, type ProgressBars } from "../../src/terminal/progress-bars.ts";

interface Screen {
  readonly bars: ProgressBars;
  readonly written: string[];
  readonly wait: (ms: number) => void;
  /** Lets the timer go off, if it runs. */
  readonly tick: () => void;
}

function screen(isTerminal: boolean, columns?: number): Screen {
  let timeMs = 1_000_000;
  const written: string[] = [];
  let ticking: (() => void) | undefined;
  const bars = createProgressBars({
    write: (text) => written.push(text),
    isTerminal: () => isTerminal,
    columns: () => columns,
    now: () => new Date(timeMs),
    repeat: (_everyMs, tick) => {
      ticking = tick;
      return () => void (ticking = undefined);
    },
  });
  return {
    bars,
    written,
    wait: (ms) => {
      timeMs += ms;
    },
    tick: () => ticking?.(),
  };
}

describe("createProgressBars()", () => {
  test("shows nothing for short work", () => {
    const { bars, written, wait } = screen(true);
    const item = bars.start("layer", 100);
    wait(200);
    item.advance(50);
    item.end();
    expect(written).toEqual([]);
  });

  test("draws a bar for long work, replaces it and takes it away at the end", () => {
    const { bars, written, wait } = screen(true);
    const item = bars.start("layer", 200);
    wait(600);
    item.advance(50);
    wait(10);
    item.advance(1);
    wait(200);
    item.advance(99);
    item.end();
    const bar = (filled: number, percent: string): string =>
      `${"layer".padEnd(40)} [${"#".repeat(filled)}${" ".repeat(20 - filled)}] ${percent}\n`;
    expect(written).toEqual([bar(5, " 25%"), "\u001b[1A\r\u001b[J", bar(15, " 75%"), "\u001b[1A\r\u001b[J"]);
  });

  test("tells how long it will take, where there is room for that", () => {
    const lineAt = (columns: number): string => {
      const { bars, written, wait } = screen(true, columns);
      const item = bars.start("layer", 100);
      wait(4000);
      item.advance(5);
      return written.join("").trimEnd();
    };
    expect(lineAt(100)).toBe(`${"layer".padEnd(40)} [#${" ".repeat(19)}]   5% 1m16s`);
    expect(lineAt(46)).toEndWith("5% 1m16s");
    expect(lineAt(46).length).toBeLessThan(46);
    expect(lineAt(45)).toEndWith("5%");
  });

  test("makes room for other output", () => {
    const { bars, written, wait } = screen(true);
    const item = bars.start("layer");
    wait(600);
    item.advance(1_500_000);
    bars.around(() => written.push("line\n"));
    expect(written.slice(1)).toEqual(["\u001b[1A\r\u001b[J", "line\n"]);
  });

  test("shows work that stands still, and stops with the last of it", () => {
    const { bars, written, wait, tick } = screen(true);
    const item = bars.start("registry.example/a:1");
    wait(600);
    tick();
    expect(written).toEqual([`${"registry.example/a:1".padEnd(40)}  waiting\n`]);
    item.end();
    tick();
    expect(written.slice(1)).toEqual(["\u001b[1A\r\u001b[J"]);
  });

  test("stays away once closed, whatever still goes on", () => {
    const { bars, written, wait, tick } = screen(true);
    const item = bars.start("layer", 10);
    wait(600);
    tick();
    bars.close();
    wait(600);
    tick();
    item.advance(5);
    item.end();
    expect(written.slice(1)).toEqual(["\u001b[1A\r\u001b[J"]);
  });

  test("prints a plain line about work that stands still where nobody watches", () => {
    const { bars, written, wait, tick } = screen(false);
    bars.start("layer", 10);
    wait(6000);
    tick();
    tick();
    expect(written).toEqual(["layer: waiting\n"]);
  });

  test.each([30, 50, 60])("keeps within %d columns", (columns) => {
    const { bars, written, wait } = screen(true, columns);
    const item = bars.start("registry.example/a/long/name:1", 100);
    wait(600);
    item.advance(100);
    expect(written.join("").trimEnd().length).toBeLessThan(Math.max(columns, 39));
  });

  test("prints plain lines now and then where nobody watches, without control characters", () => {
    const { bars, written, wait } = screen(false);
    const item = bars.start("layer \u001b[2J", 40_000_000);
    for (let second = 0; second < 12; second++) {
      wait(1000);
      item.advance(1_000_000);
    }
    item.end();
    expect(written).toEqual([
      "layer \\u001b[2J: 5.0 MB of 40.0 MB, 35s left\n",
      "layer \\u001b[2J: 10.0 MB of 40.0 MB, 30s left\n",
    ]);
  });

  test("shows at most eight bars, and a long label by its end", () => {
    const { bars, written, wait } = screen(true);
    const items = Array.from({ length: 20 }, (_, index) => bars.start(`${"x".repeat(60)}${index}`, 10));
    wait(600);
    items[0]!.advance(1);
    const [first = ""] = written;
    expect(first.split("\n")).toHaveLength(10);
    expect(first.split("\n")[8]).toBe("... and 12 more");
    expect(first.startsWith(`...${"x".repeat(36)}0 [`)).toBe(true);
  });
});
