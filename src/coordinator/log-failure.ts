import { Code, type ConnectError } from "@connectrpc/connect";
import { ContrastError, messageChainOf } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";

/** Writes one line about a call that failed: what the client sees, and why. Messages of errors never hold secrets. */
export function logFailure(log: Logger, method: string, { code }: ConnectError, error: unknown): void {
  log.warn(`${method} failed`, {
    status: Code[code],
    error: error instanceof ContrastError ? error.code : undefined,
    reason: messageChainOf(error),
  });
}
