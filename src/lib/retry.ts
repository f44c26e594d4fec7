import { randomInt } from "node:crypto";
import type { Sleep } from "./sleep.ts";

/** How often and how patiently something is tried again. */
export interface RetryPolicy {
  /** Tries in total, at least 1. */
  readonly attempts: number;
  /** Upper bound of the first delay; it doubles each time. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** What to do about a failed try: give up, or try again, not before `afterMs` if the peer named a time. */
export type RetryVerdict = { readonly again: false } | { readonly again: true; readonly afterMs?: number | undefined };

/**
 * Runs a task until it succeeds, its failure is final, or the tries are used up.
 * The delay is drawn between half and all of the exponential bound, so that many clients do not return together.
 *
 * @param judge looks at the failure of try `attempt` (from 1) and may log it
 */
export async function retry<T>(
  policy: RetryPolicy,
  task: () => Promise<T>,
  judge: (error: unknown, attempt: number) => RetryVerdict,
  sleep: Sleep,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task();
    } catch (error) {
      if (attempt >= policy.attempts) throw error;
      const verdict = judge(error, attempt);
      if (!verdict.again) throw error;
      await sleep(delayMs(policy, attempt, verdict.afterMs), signal);
    }
  }
}

function delayMs(policy: RetryPolicy, attempt: number, afterMs = 0): number {
  const bound = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1));
  const half = Math.floor(bound / 2);
  return Math.max(Math.min(afterMs, policy.maxDelayMs), half + randomInt(half + 1));
}
