import type { Progress, ProgressItem } from "../lib/progress.ts";
import { visibleText } from "../lib/visible-text.ts";

/** Work shorter than this shows nothing. */
const QUIET_MS = 500;
const REDRAW_MS = 100;
/** Where nobody watches, a line now and then shows that the program is alive. */
const PLAIN_LINE_MS = 5000;
const MAX_BARS = 8;
const LABEL_WIDTH = 40;

/** Where bars are drawn. */
export interface ProgressTarget {
  readonly write: (text: string) => void;
  /** Whether bars redraw themselves, or else plain lines are printed; asked once, when there is something to show. */
  readonly isTerminal: () => boolean;
  readonly now: () => Date;
}

/** Progress that can make room for other output. */
export interface ProgressBars extends Progress {
  /** Takes the bars away while `print` writes to the same screen. */
  around(print: () => void): void;
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
 * There is no timer: what stands still is not redrawn, and nothing keeps the program alive.
 */
export function createProgressBars({ write, isTerminal, now }: ProgressTarget): ProgressBars {
  const items = new Set<Item>();
  let drawnLines = 0;
  let drawnMs = 0;
  let drawsBars: boolean | undefined;

  const clear = (): void => {
    if (drawnLines > 0) write(`\u001b[${drawnLines}A\r\u001b[J`);
    drawnLines = 0;
  };
  const draw = (timeMs: number): void => {
    const shown = [...items].filter((item) => timeMs - item.startedMs >= QUIET_MS).slice(0, MAX_BARS);
    clear();
    if (shown.length > 0) write(shown.map((item) => `${renderBar(item)}\n`).join(""));
    drawnLines = shown.length;
    drawnMs = timeMs;
  };
  const tell = (item: Item, timeMs: number): void => {
    if (timeMs - item.toldMs < PLAIN_LINE_MS) return;
    item.toldMs = timeMs;
    write(`${renderPlain(item)}\n`);
  };
  const changed = (item: Item): void => {
    const timeMs = now().getTime();
    drawsBars ??= isTerminal();
    if (!drawsBars) tell(item, timeMs);
    else if (timeMs - drawnMs >= REDRAW_MS) draw(timeMs);
  };

  return {
    start(label, total): ProgressItem {
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
          if (drawnLines > 0) draw(now().getTime());
        },
      };
    },
    around(print) {
      clear();
      print();
    },
  };
}

function renderBar(item: Item): string {
  const label = shorten(item.label).padEnd(LABEL_WIDTH);
  if (item.total === undefined || item.total <= 0) return `${label}  ${megabytes(item.done)}`;
  const part = Math.min(1, item.done / item.total);
  const filled = Math.round(part * 20);
  const percent = `${Math.floor(part * 100)}%`.padStart(4);
  return `${label} [${"#".repeat(filled)}${" ".repeat(20 - filled)}] ${percent}`;
}

function renderPlain(item: Item): string {
  const total = item.total === undefined ? "" : ` of ${megabytes(item.total)}`;
  return `${item.label}: ${megabytes(item.done)}${total}`;
}

function shorten(label: string): string {
  return label.length <= LABEL_WIDTH ? label : `...${label.slice(3 - LABEL_WIDTH)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
