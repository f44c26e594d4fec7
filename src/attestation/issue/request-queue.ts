import { orAborted } from "../../lib/deadline.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import { type RetryPolicy, type RetryVerdict, retry } from "../../lib/retry.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { Sleep } from "../../lib/sleep.ts";
import type { RawEvidence, RawIssuer } from "./raw-evidence.ts";

/** Firmware and quoting services take one request at a time; drivers let the others wait. */
const MAX_REQUESTS = 1;

/** How long who is interrupted waits for the kernel, so that the program does not end before it has cleaned up. */
const GRACE_MS = 1000;

/** About half a minute, which is what a connection has. */
const POLICY: RetryPolicy = { attempts: 8, baseDelayMs: 250, maxDelayMs: 8000 };

const TRANSIENT: ReadonlySet<string> = new Set(["issuer/busy", "issuer/disturbed"]);

/**
 * Lets requests run one after the other, each again while the machine is busy.
 *
 * @returns what rejects with `lib/interrupted` soon after its signal is aborted, within a second where the kernel is at
 *   work; what the kernel does by then goes on, is cleaned up, and holds up those who wait
 */
export function createRequestQueue(
  raw: RawIssuer,
  { log, sleep }: { readonly log: Logger; readonly sleep: Sleep },
): RawIssuer["request"] {
  const semaphore = new Semaphore(MAX_REQUESTS);
  const judge = (error: unknown, attempt: number): RetryVerdict => {
    if (!(error instanceof ContrastError) || !TRANSIENT.has(error.code)) return { again: false };
    log.debug("asking for evidence again", { attempt, code: error.code });
    return { again: true };
  };
  return async (reportData, signal) => {
    let isAtWork = false;
    const task = async (): Promise<RawEvidence> => {
      if (signal.aborted) throw interrupted(signal.reason);
      isAtWork = true;
      return await retry(POLICY, () => raw.request(reportData, signal), judge, sleep, signal);
    };
    const work = semaphore.run(task);
    try {
      return await orAborted(work, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      if (isAtWork) await settledWithin(work, GRACE_MS, sleep);
      throw interrupted(error);
    }
  };
}

async function settledWithin(work: Promise<unknown>, ms: number, sleep: Sleep): Promise<void> {
  const timer = new AbortController();
  const settled = work.then(
    () => {},
    () => {},
  );
  await Promise.race([settled, sleep(ms, timer.signal).catch(() => {})]);
  timer.abort();
}

function interrupted(cause: unknown): ContrastError {
  return new ContrastError("lib/interrupted", "Cannot issue evidence: interrupted", { cause });
}
