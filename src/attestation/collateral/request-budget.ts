/** How many requests may be made for what peers choose. */
export interface RequestRate {
  /** At once, after a while without any. */
  readonly burst: number;
  readonly perMinute: number;
}

const MINUTE_MS = 60_000;

/**
 * Counts requests that strangers cause: they could ask for ever new addresses, and the services would take that for an
 * attack of this machine.
 */
export class RequestBudget {
  readonly #rate: RequestRate;
  readonly #now: () => Date;
  #left: number;
  #countedAtMs: number;

  /** The whole burst is there at first. */
  constructor(rate: RequestRate, now: () => Date) {
    this.#rate = rate;
    this.#now = now;
    this.#left = rate.burst;
    this.#countedAtMs = now().getTime();
  }

  /** @returns whether one more request may be made, which then counts */
  take(): boolean {
    const nowMs = this.#now().getTime();
    const { burst, perMinute } = this.#rate;
    // A clock that was set back gives nothing and takes nothing.
    const elapsedMs = Math.max(0, nowMs - this.#countedAtMs);
    this.#left = Math.min(burst, this.#left + (elapsedMs * perMinute) / MINUTE_MS);
    this.#countedAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
