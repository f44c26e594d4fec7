import type { Sleep } from "../../src/lib/sleep.ts";

/** A clock that only sleeping and tests move. */
export interface ManualClock {
  readonly now: () => Date;
  /** Returns at once and moves the clock. */
  readonly sleep: Sleep;
  /** How long was slept, in ms, in order. */
  readonly slept: number[];
  advance(ms: number): void;
}

/** A clock that stands at `start` until somebody waits or advances it. */
export function manualClock(start: string): ManualClock {
  let timeMs = Date.parse(start);
  const slept: number[] = [];
  return {
    now: () => new Date(timeMs),
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      slept.push(ms);
      timeMs += ms;
    },
    slept,
    advance: (ms) => void (timeMs += ms),
  };
}
