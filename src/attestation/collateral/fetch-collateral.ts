import { ContrastError } from "../../lib/errors.ts";
import { createHttpClient } from "../../lib/http-client.ts";
import type { Logger } from "../../lib/log.ts";
import { type RetryPolicy, type RetryVerdict, retry } from "../../lib/retry.ts";
import type { Sleep } from "../../lib/sleep.ts";
import type { CollateralItem, CollateralNeed } from "../collateral-need.ts";
import { collateralUrl } from "./collateral-url.ts";
import { describeNeed, issuerChainHeader } from "./describe-need.ts";
import type { FetchCollateral, FetchLimits } from "./fetcher.ts";
import { decodeIssuerChain } from "./issuer-chain.ts";
import { type CollateralMirrors, mirroredUrl } from "./mirror.ts";
import { requestCollateral } from "./request-collateral.ts";

/** What all requests of a run share. */
export interface FetcherOptions {
  readonly mirrors: CollateralMirrors;
  /** PEM certificates that are trusted beside those of the platform, for mirrors and proxies. */
  readonly caPem: string | undefined;
  readonly now: () => Date;
  readonly sleep: Sleep;
  readonly log: Logger;
}

const REQUEST_TIMEOUT_MS = 10_000;
const BACK_OFF = { baseDelayMs: 1000, maxDelayMs: 30_000 } as const;

/** Longer silence looks like a program that hangs. */
const TOLD_WAIT_MS = 5000;

/**
 * Makes the way to the vendors' services. What may pass by itself (throttling, trouble of the service, broken
 * connections) is tried again within the limits, not before the service asks to.
 *
 * @returns what throws ContrastError `lib/network-timeout` at its deadline, and what `requestCollateral` throws
 */
export function createCollateralFetcher(options: FetcherOptions): FetchCollateral {
  const { mirrors, caPem, now, sleep, log } = options;
  return async (need, limits) => {
    const http = createHttpClient({ offline: false, caPem, log, signal: limits.signal });
    const url = mirroredUrl(collateralUrl(need), mirrors);
    const purpose = describeNeed(need);
    const remainingMs = (): number => limits.deadline.getTime() - now().getTime();
    const policy: RetryPolicy = { attempts: limits.attempts, ...BACK_OFF };
    const attempt = async (): Promise<CollateralItem> => {
      const timeoutMs = Math.min(REQUEST_TIMEOUT_MS, remainingMs());
      if (timeoutMs <= 0) throw outOfTime(purpose, url, limits);
      const { headers, body } = await requestCollateral(http, url, purpose, timeoutMs, now);
      return itemOf(need, body, headers, url, now());
    };
    const judge = (error: unknown, tries: number): RetryVerdict => {
      const verdict = judgeFailure(error);
      if (!verdict.again) return verdict;
      const waitMs = Math.max(
        verdict.afterMs ?? 0,
        Math.min(BACK_OFF.baseDelayMs * 2 ** (tries - 1), BACK_OFF.maxDelayMs),
      );
      // Asking earlier than the service wants makes it throttle for longer.
      if (waitMs >= remainingMs() || waitMs > BACK_OFF.maxDelayMs) return { again: false };
      const level = waitMs >= TOLD_WAIT_MS ? "warn" : "debug";
      log[level]("waiting before collateral is asked for again", { url: url.href, tries, waitMs });
      return verdict;
    };
    try {
      return await retry(policy, attempt, judge, sleep, limits.signal);
    } catch (error) {
      if (error instanceof ContrastError || !limits.signal.aborted) throw error;
      throw new ContrastError("lib/interrupted", `Cannot fetch ${purpose}: interrupted`, { cause: error });
    }
  };
}

/** Tries again after what may pass; a name that does not exist will not exist in a few seconds either. */
function judgeFailure(error: unknown): RetryVerdict {
  if (!(error instanceof ContrastError)) return { again: false };
  const { code, details } = error;
  const isTransient =
    code === "attestation/collateral-service-busy" ||
    code === "lib/network-timeout" ||
    (code === "lib/network-unreachable" && details["reason"] !== "ENOTFOUND");
  if (!isTransient) return { again: false };
  const { retryAfterMs } = details;
  return { again: true, afterMs: typeof retryAfterMs === "number" ? retryAfterMs : undefined };
}

function itemOf(need: CollateralNeed, body: Uint8Array, headers: Headers, url: URL, fetchedAt: Date): CollateralItem {
  const header = issuerChainHeader(need);
  return {
    need,
    url: collateralUrl(need),
    body,
    issuerChainPem: header === undefined ? undefined : decodeIssuerChain(headers.get(header) ?? "", url.href),
    origin: "network",
    fetchedAt,
    note: undefined,
  };
}

function outOfTime(purpose: string, url: URL, limits: FetchLimits): ContrastError {
  return new ContrastError("lib/network-timeout", `Cannot fetch ${purpose}: ${url.href} was not asked in time`, {
    details: { url: url.href, deadline: limits.deadline.toISOString() },
  });
}
