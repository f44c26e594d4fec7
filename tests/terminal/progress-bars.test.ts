import { describe, expect, test } from "bun:test";
import { createProgressBars, type ProgressBars } from "../../src/terminal/progress-bars.ts";

interface Screen {
  readonly bars: ProgressBars;
  readonly written: string[];
  readonly wait: (ms: number) => void;
}

function screen(isTerminal: boolean): Screen {
  let timeMs = 1_000_000;
  const written: string[] = [];
  const bars = createProgressBars({
    write: (text) => written.push(text),
    isTerminal: () => isTerminal,
    now: () => new Date(timeMs),
  });
  return {
    bars,
    written,
    wait: (ms) => {
      timeMs += ms;
    },
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

  test("makes room for other output", () => {
    const { bars, written, wait } = screen(true);
    const item = bars.start("layer");
    wait(600);
    item.advance(1_500_000);
    bars.around(() => written.push("line\n"));
    expect(written.slice(1)).toEqual(["\u001b[1A\r\u001b[J", "line\n"]);
  });

  test("prints plain lines now and then where nobody watches, without control characters", () => {
    const { bars, written, wait } = screen(false);
    const item = bars.start("layer \u001b[2J", 40_000_000);
    for (let second = 0; second < 12; second++) {
      wait(1000);
      item.advance(1_000_000);
    }
    item.end();
    expect(written).toEqual(["layer \\u001b[2J: 5.0 MB of 40.0 MB\n", "layer \\u001b[2J: 10.0 MB of 40.0 MB\n"]);
  });

  test("shows at most eight bars, and a long label by its end", () => {
    const { bars, written, wait } = screen(true);
    const items = Array.from({ length: 20 }, (_, index) => bars.start(`${"x".repeat(60)}${index}`, 10));
    wait(600);
    items[0]!.advance(1);
    const [first = ""] = written;
    expect(first.split("\n")).toHaveLength(9);
    expect(first.startsWith(`...${"x".repeat(36)}0 [`)).toBe(true);
  });
});
