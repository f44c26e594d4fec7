/** Waits until a signal is aborted, and keeps the program running meanwhile. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const timer = setInterval(() => {}, MAX_TIMER_MS);
    signal.addEventListener(
      "abort",
      () => {
        clearInterval(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/** The longest time that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;
