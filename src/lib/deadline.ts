/** A limit of time for work of several steps. */
export interface Deadline {
  /** Aborted when the time is over, or together with the parent. */
  readonly signal: AbortSignal;
  /** Whether the time is over; false where only the parent was aborted. */
  readonly isOver: boolean;
  /** Ends the timer; the signal stays as it is. */
  stop(): void;
}

/** Starts a limit of `ms` milliseconds that also ends with `parent`. */
export function startDeadline(ms: number, parent: AbortSignal): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException(`not done in ${ms} ms`, "TimeoutError")), ms);
  return {
    signal: AbortSignal.any([controller.signal, parent]),
    get isOver() {
      return controller.signal.aborted;
    },
    stop: () => clearTimeout(timer),
  };
}

/** The result of `work`, or a rejection with the signal's reason as soon as it is aborted, whatever `work` does then. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
