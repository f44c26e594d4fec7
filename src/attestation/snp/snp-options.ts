import type { EvidenceExpectations } from "../evidence-expectations.ts";
import type { TrustRoots } from "../trust-roots.ts";
import type { SnpChainCache } from "./chain-cache.ts";
import type { SnpExpectations } from "./expectations.ts";

/** What a verification of SNP evidence depends on beside evidence and collateral. */
export interface SnpVerifyOptions {
  /** The time for which certificates and revocation lists must be valid. */
  readonly at: Date;
  /** By product line; the only certificates that are trusted. */
  readonly roots: TrustRoots["amd"];
  /** Whether a valid revocation list is needed; waiving it shows in the verdict. */
  readonly revocation: "required" | "waived";
  /** Until when the user accepts a gathered revocation list after its end; undefined for never. */
  readonly acceptExpiredUntil?: Date | undefined;
  /** Reference values, of which one entry must fit; undefined judges authenticity only. */
  readonly expectations: readonly SnpExpectations[] | undefined;
  readonly expected: EvidenceExpectations;
  /** Remembers what was found out about certificates and revocation lists; dates are judged every time. */
  readonly chains?: SnpChainCache | undefined;
}
