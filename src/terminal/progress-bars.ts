import type { Progress, ProgressItem } from "../lib/progress.ts";
import { visibleText } from "../lib/visible-text.ts";
import { timeLeft } from "./time-left.ts";

/** Work shorter than this shows nothing. */
const QUIET_MS = 500;
const REDRAW_MS = 100;
/** Where nobody watches, a line now and then shows that the program is alive. */
const PLAIN_LINE_MS = 5000;
const MAX_BARS = 8;
const LABEL_WIDTH = 40;
const MIN_LABEL_WIDTH = 10;
/** What a bar takes beside its label, and the last column, which wraps on some terminals. */
const BAR_WIDTH = 29;
/** Space for the time that is left. */
const TIME_WIDTH = 7;
const TICK_MS = 250;

/** Where bars are drawn. */
export interface ProgressTarget {
  readonly write: (text: string) => void;
  /** Whether bars redraw themselves, or else plain lines are printed; asked once, when there is something to show. */
  readonly isTerminal: () => boolean;
  /** Characters on a line of the terminal, where known. */
  readonly columns: () => number | undefined;
  readonly now: () => Date;
  /** Calls `tick` again and again, without keeping the program alive; the result stops that. */
  readonly repeat: (everyMs: number, tick: () => void) => () => void;
}

/** Progress that can make room for other output. */
export interface ProgressBars extends Progress {
  /** Takes the bars away while `print` writes to the same screen. */
  around(print: () => void): void;
  /** Takes the bars away for good. */
  close(): void;
}

interface Item {
  readonly label: string;
  readonly total: number | undefined;
  readonly startedMs: number;
  done: number;
  toldMs: number;
}

/**
 * Draws one line for each unit of work that takes long: a bar on a terminal, a plain line every few seconds elsewhere.
 * Work that stands still, such as a registry that does not answer, is shown too.
 */
export function createProgressBars({ write, isTerminal, columns, now, repeat }: ProgressTarget): ProgressBars {
  const items = new Set<Item>();
  let stopTicking: (() => void) | undefined;
  let drawnLines = 0;
  let drawnMs = 0;
  let drawsBars: boolean | undefined;

  const clear = (): void => {
    if (drawnLines > 0) write(`\u001b[${drawnLines}A\r\u001b[J`);
    drawnLines = 0;
  };
  const draw = (timeMs: number): void => {
    const slow = [...items].filter((item) => timeMs - item.startedMs >= QUIET_MS);
    // A line that wraps would not be taken away again.
    const width = columns() ?? Infinity;
    const showsTime = width >= MIN_LABEL_WIDTH + BAR_WIDTH + TIME_WIDTH;
    const room = width - BAR_WIDTH - (showsTime ? TIME_WIDTH : 0);
    const labelWidth = Math.max(MIN_LABEL_WIDTH, Math.min(LABEL_WIDTH, room));
    const lines = slow.slice(0, MAX_BARS).map((item) => {
      const left = showsTime ? timeLeft(timeMs - item.startedMs, item.done, item.total) : undefined;
      return renderBar(item, labelWidth) + (left === undefined ? "" : ` ${left}`);
    });
    if (slow.length > MAX_BARS) lines.push(`... and ${slow.length - MAX_BARS} more`);
    clear();
    if (lines.length > 0) write(lines.map((line) => `${line}\n`).join(""));
    drawnLines = lines.length;
    drawnMs = timeMs;
  };
  const tell = (item: Item, timeMs: number): void => {
    if (timeMs - item.toldMs < PLAIN_LINE_MS) return;
    item.toldMs = timeMs;
    const left = timeLeft(timeMs - item.startedMs, item.done, item.total);
    write(`${renderPlain(item)}${left === undefined ? "" : `, ${left} left`}\n`);
  };
  const stop = (): void => {
    stopTicking?.();
    stopTicking = undefined;
  };
  const changed = (item: Item): void => {
    if (!items.has(item)) return;
    const timeMs = now().getTime();
    drawsBars ??= isTerminal();
    if (!drawsBars) tell(item, timeMs);
    else if (timeMs - drawnMs >= REDRAW_MS) draw(timeMs);
  };

  const tick = (): void => {
    for (const item of items) changed(item);
  };

  return {
    start(label, total): ProgressItem {
      stopTicking ??= repeat(TICK_MS, tick);
      const startedMs = now().getTime();
      const item: Item = { label: visibleText(label), total, startedMs, toldMs: startedMs, done: 0 };
      items.add(item);
      return {
        advance(bytes) {
          item.done += bytes;
          changed(item);
        },
        end() {
          if (!items.delete(item)) return;
          if (items.size === 0) stop();
          if (drawnLines > 0) draw(now().getTime());
        },
      };
    },
    around(print) {
      clear();
      print();
    },
    close() {
      items.clear();
      stop();
      clear();
    },
  };
}

function renderBar(item: Item, labelWidth: number): string {
  const label = shorten(item.label, labelWidth).padEnd(labelWidth);
  if (item.total === undefined || item.total <= 0) return `${label}  ${handled(item)}`;
  const part = Math.min(1, item.done / item.total);
  const filled = Math.round(part * 20);
  const percent = `${Math.floor(part * 100)}%`.padStart(4);
  return `${label} [${"#".repeat(filled)}${" ".repeat(20 - filled)}] ${percent}`;
}

function renderPlain(item: Item): string {
  const total = item.total === undefined || item.done === 0 ? "" : ` of ${megabytes(item.total)}`;
  return `${item.label}: ${handled(item)}${total}`;
}

function handled({ done }: Item): string {
  return done === 0 ? "waiting" : megabytes(done);
}

function shorten(label: string, width: number): string {
  return label.length <= width ? label : `...${label.slice(3 - width)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
