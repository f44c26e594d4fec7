import type { Io } from "./io.ts";

/** A line that shows that something is being waited for. */
export interface WaitingLine {
  /** Replaces the line by a final one. */
  succeed(text: string): void;
  /** Ends the line with a cross. */
  fail(): void;
}

const TICK_MS = 500;
const MAX_DOTS = 3;
const ERASE_LINE = "\u001b[2K\r";

/** Calls `tick` again and again; the result stops that. */
export type Repeat = (everyMs: number, tick: () => void) => () => void;

/** By the clock of the system; does not keep the program alive. */
const repeat: Repeat = (everyMs, tick) => {
  const timer = setInterval(tick, everyMs);
  timer.unref();
  return () => clearInterval(timer);
};

/**
 * Shows such a line on standard output: animated on a terminal; elsewhere only its end is printed, and in JSON mode
 * nothing at all.
 *
 * @param text such as `  Waiting for coordinator `
 */
export function startWaitingLine(io: Pick<Io, "write" | "out" | "columns" | "format">, text: string): WaitingLine {
  return createWaitingLine(io, text, repeat);
}

/** The same with a clock of the caller. */
export function createWaitingLine(
  { write, out, columns, format }: Pick<Io, "write" | "out" | "columns" | "format">,
  text: string,
  every: Repeat,
): WaitingLine {
  if (format === "json") return { succeed: () => {}, fail: () => {} };
  if (columns() === undefined) return { succeed: out, fail: () => out("❌") };
  let dots = 0;
  const draw = (): void => write(`${ERASE_LINE}${text}${".".repeat(dots)}`);
  draw();
  const stop = every(TICK_MS, () => {
    dots = (dots + 1) % (MAX_DOTS + 1);
    draw();
  });
  return {
    succeed: (line) => {
      stop();
      write(ERASE_LINE);
      out(line);
    },
    fail: () => {
      stop();
      write("\r❌\n");
    },
  };
}
