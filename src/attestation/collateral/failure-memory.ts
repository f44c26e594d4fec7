const BRIEF_MS = 30_000;
const LONGEST_MS = 10 * 60 * 1000;
const MAX_FAILURES = 1000;

/** Remembers for a short while which addresses failed, so that a flood of bad evidence does not become one of requests. */
export class FailureMemory {
  readonly #now: () => Date;
  readonly #failures = new Map<string, { readonly untilMs: number; readonly reason: string }>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Why the address failed, if that was not long ago. */
  recall(url: string): string | undefined {
    const failure = this.#failures.get(url);
    return failure !== undefined && this.#now().getTime() < failure.untilMs ? failure.reason : undefined;
  }

  /** @param retryAfterMs how long the service asks to wait, where it is a number */
  remember(url: string, reason: string, retryAfterMs: unknown): void {
    const askedMs = typeof retryAfterMs === "number" ? retryAfterMs : 0;
    const untilMs = this.#now().getTime() + Math.min(Math.max(askedMs, BRIEF_MS), LONGEST_MS);
    // The oldest is first in the order of insertion.
    this.#failures.delete(url);
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= MAX_FAILURES && oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(url, { untilMs, reason });
  }
}
