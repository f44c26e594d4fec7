import type { ErrorCode } from "../lib/error-codes.ts";
import { ContrastError } from "../lib/errors.ts";
import type { Sleep } from "../lib/sleep.ts";

/** How long something waits for a Coordinator. */
export interface WaitOptions {
  readonly sleep: Sleep;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Told before each pause why try `attempt` (from 1) failed. */
  readonly onWait: (error: ContrastError, attempt: number) => void;
}

const PAUSE_MS = 1000;
const PATIENCE_MS = 180_000;
const ATTEMPT_MS = 30_000;

/** A Coordinator that is starting or restarting looks like this; refused evidence is final. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  "atls/unreachable",
  "atls/handshake-closed",
  "atls/timeout",
  "rpc/unavailable",
]);

/**
 * Runs a task until the Coordinator is available: again one second after each try that did not reach it, for at most 180
 * seconds. Every other error ends it at once.
 *
 * @param task dials anew, in at most `timeoutMs`
 * @throws what the last try threw
 * @see edgelesssys/contrast `cli/cmd`, `internal/grpc/retry`
 */
export async function untilAvailable<T>(task: (timeoutMs: number) => Promise<T>, options: WaitOptions): Promise<T> {
  const { sleep, now, signal, onWait } = options;
  const endMs = now().getTime() + PATIENCE_MS;
  for (let attempt = 1; ; attempt++) {
    const remainingMs = Math.max(PAUSE_MS, endMs - now().getTime());
    try {
      return await task(Math.min(ATTEMPT_MS, remainingMs));
    } catch (error) {
      const isTransient = error instanceof ContrastError && TRANSIENT.has(error.code);
      if (!isTransient || now().getTime() + PAUSE_MS >= endMs) throw error;
      onWait(error, attempt);
      await sleep(PAUSE_MS, signal);
    }
  }
}
