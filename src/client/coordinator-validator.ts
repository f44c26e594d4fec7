import type { AcceptedExpiry } from "../attestation/accepted-expiry.ts";
import type { CollateralAnswer, CollateralNeed } from "../attestation/collateral-need.ts";
import type { Evidence } from "../attestation/evidence.ts";
import { createEvidenceValidator } from "../attestation/evidence-validator.ts";
import type { GatherCollateral } from "../attestation/gather-collateral.ts";
import type { TrustRoots } from "../attestation/trust-roots.ts";
import type { EvidenceValidator } from "../attestation/validator.ts";
import type { Verdict } from "../attestation/verdict.ts";
import type { ExpectedState } from "./expected-state.ts";

/** What evidence is judged with, beside the expectations. */
export interface JudgingMeans {
  /** The time that certificates and collateral must be valid at. */
  readonly at: Date;
  readonly roots: TrustRoots;
  readonly gather: GatherCollateral;
  /** Undefined: what has expired says nothing. */
  readonly acceptExpired?: AcceptedExpiry | undefined;
}

/** One need of the last verification and what was found for it. */
export interface CollateralRecord {
  readonly need: CollateralNeed;
  readonly answer: CollateralAnswer;
}

/** Judges a Coordinator's evidence and remembers how. */
export interface CoordinatorValidator {
  readonly validate: EvidenceValidator;
  /** The last verdict; undefined before any evidence was judged. */
  lastVerdict(): Verdict<Evidence> | undefined;
  /** What the last verification looked up. */
  lastCollateral(): readonly CollateralRecord[];
}

/** A validator that wants what the manifest and the expected policy of the Coordinator say; no check is left out. */
export function createCoordinatorValidator(
  { references, policy }: ExpectedState,
  { at, roots, gather, acceptExpired }: JudgingMeans,
): CoordinatorValidator {
  let verdict: Verdict<Evidence> | undefined;
  let records: readonly CollateralRecord[] = [];
  const recording: GatherCollateral = async (needs, supplied, inspect, time, signal) => {
    const set = await gather(needs, supplied, inspect, time, signal);
    records = [...records, ...needs.map((need) => ({ need, answer: set.answer(need) }))];
    return set;
  };
  const [hash, ...others] = policy.hashes;
  const validate = createEvidenceValidator({
    gather: recording,
    supplied: [],
    at: () => at,
    roots,
    revocation: "required",
    collateral: "required",
    acceptExpired,
    ...references,
    // Of no hash at all none is good; "undefined" would let any pass.
    ...(hash !== undefined && others.length === 0
      ? { hostData: hash }
      : { hostData: undefined, hostDataOneOf: policy.hashes }),
  });
  return {
    validate: async (presented, reportData, signal) => {
      records = [];
      verdict = undefined;
      verdict = await validate(presented, reportData, signal);
      return verdict;
    },
    lastVerdict: () => verdict,
    lastCollateral: () => records,
  };
}
