import { Code, ConnectError } from "@connectrpc/connect";
import type { Endpoint } from "../attestation/atls/endpoint.ts";
import { callError } from "./call-error.ts";
import { type ApiMethod, isFromServer } from "./server-status.ts";

/** What a call is, for the explanation of its failure. */
export interface CallDescription {
  readonly method: ApiMethod;
  readonly endpoint: Endpoint;
  /** The user's wish to stop. */
  readonly signal: AbortSignal;
  /** How long an answer is waited for. */
  readonly timeoutMs: number;
}

/**
 * Makes one call.
 *
 * @throws ContrastError what `callError` makes of a failure
 */
export async function explainCall<T>(run: () => Promise<T>, description: CallDescription): Promise<T> {
  const { method, endpoint, signal, timeoutMs } = description;
  const startedMs = performance.now();
  try {
    return await run();
  } catch (error) {
    const isLate = performance.now() - startedMs >= timeoutMs;
    throw callError(isLate ? lateError(error) : error, method, endpoint, signal, timeoutMs);
  }
}

/** A server knows the time limit and ends the exchange when it is over, which looks like a lost connection. */
function lateError(error: unknown): unknown {
  if (!(error instanceof ConnectError) || isFromServer(error)) return error;
  const isLoss = error.code === Code.Unavailable || error.code === Code.Canceled;
  return isLoss ? new ConnectError("the server gave up", Code.DeadlineExceeded, undefined, undefined, error) : error;
}
