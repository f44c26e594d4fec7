import type { ErrorCode } from "../lib/error-codes.ts";
import type { Place } from "../lib/problems.ts";
import type { CheckId } from "./check-catalogue.ts";

/** How a check went; `skipped`: nothing was looked at, and `message` says why. */
export type CheckStatus = "ok" | "warning" | "error" | "skipped";

/** What is wrong and what to do; never a secret. */
export interface Finding extends Place {
  /** The fact, without the place. */
  readonly message: string;
  /** One or more imperative sentences. */
  readonly hint?: string | undefined;
  /** Of the error that `set`, `verify` or `recover` would end with, where there is one. */
  readonly code?: ErrorCode | undefined;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
}

/** One line of the report; a check with several findings has several. */
export interface CheckResult extends Finding {
  readonly check: CheckId;
  readonly status: CheckStatus;
  /** Only of `skipped`: there is something to look at, but it could not be looked at here, and nothing else tells so. */
  readonly unanswered?: true;
}
