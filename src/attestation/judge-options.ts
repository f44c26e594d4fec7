import type { AcceptedExpiry } from "./accepted-expiry.ts";
import type { CollateralItem } from "./collateral-need.ts";
import type { EvidenceExpectations } from "./evidence-expectations.ts";
import type { SnpChainCache } from "./snp/chain-cache.ts";
import type { SnpExpectations } from "./snp/expectations.ts";
import type { TdxExpectations } from "./tdx/expectations.ts";
import type { TdxMemo } from "./tdx/tdx-memo.ts";
import type { TrustRoots } from "./trust-roots.ts";

/** Reference values of a manifest. */
export interface ReferenceExpectations {
  readonly snp: readonly SnpExpectations[];
  readonly tdx: readonly TdxExpectations[];
}

/** What was good once; dates are judged at every verification. */
export interface EvidenceMemos {
  readonly snp: SnpChainCache;
  readonly tdx: TdxMemo;
  /** Addresses that accepted evidence named: nobody has to be refused early because of them. */
  readonly accepted: Set<string>;
}

/** How evidence is judged. */
export interface JudgeOptions {
  /** The time that certificates and collateral must be valid at. */
  readonly at: Date;
  readonly roots: TrustRoots;
  /** Whether certificates are looked up in revocation lists. */
  readonly revocation: "required" | "waived";
  /** Whether Intel's TCB info and QE identity are asked for; AMD has nothing of the kind. */
  readonly collateral: "required" | "waived";
  /** Undefined: what has expired says nothing. */
  readonly acceptExpired?: AcceptedExpiry | undefined;
  /** Undefined: only the authenticity is judged. */
  readonly references: ReferenceExpectations | undefined;
  readonly expected: EvidenceExpectations;
  /** Collateral that came with the evidence, beside what is inside of it. */
  readonly supplied: readonly CollateralItem[];
  readonly signal: AbortSignal;
  /** Nothing is gathered for evidence that no collateral could make acceptable; its verdict then has fewer reasons. */
  readonly refuseEarly?: boolean | undefined;
  readonly memos?: EvidenceMemos | undefined;
}
