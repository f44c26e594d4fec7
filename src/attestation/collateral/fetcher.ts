import type { CollateralItem, CollateralNeed } from "../collateral-need.ts";

/** How long one piece of collateral may be asked for. */
export interface FetchLimits {
  readonly signal: AbortSignal;
  /** No request goes beyond this time, and no wait leads to it. */
  readonly deadline: Date;
  /** Requests in total, at least 1. */
  readonly attempts: number;
}

/**
 * Gets a piece of collateral from its vendor. Nothing in it is verified.
 *
 * @throws ContrastError `attestation/collateral-not-found`, `attestation/collateral-service-busy`,
 *   `attestation/collateral-answer-invalid`, `lib/network-unreachable`, `lib/network-timeout`, `lib/tls-failed`,
 *   `lib/interrupted`
 */
export type FetchCollateral = (need: CollateralNeed, limits: FetchLimits) => Promise<CollateralItem>;
