import { ended, isAccepted } from "./accepted-expiry.ts";
import { collateralSetOf } from "./collateral/collateral-set.ts";
import { collateralUrl } from "./collateral/collateral-url.ts";
import { describeNeed, isCertificateNeed } from "./collateral/describe-need.ts";
import type { CollateralAnswer, CollateralItem, CollateralNeed, CollateralSet } from "./collateral-need.ts";
import { collateralUses } from "./collateral-uses.ts";
import type { Evidence } from "./evidence.ts";
import type { CollateralValidity, GatherCollateral, InspectCollateral } from "./gather-collateral.ts";
import type { JudgeOptions } from "./judge-options.ts";
import type { Preparation } from "./preparation.ts";
import { TEE_NAMES } from "./tee-names.ts";
import { refuseUnjudged, type Verdict } from "./verdict.ts";

/**
 * Judges evidence: finds out what its verification needs, gathers that, and verifies. Only `gather` touches the
 * outside; the verification itself is pure.
 *
 * @returns the verdict with every check, and the provenance of what was used
 * @throws ContrastError `lib/interrupted`
 */
export async function judgeEvidence(
  evidence: Evidence,
  gather: GatherCollateral,
  options: JudgeOptions,
): Promise<Verdict<Evidence>> {
  if (options.references?.[evidence.tee].length === 0) return refuseKind(evidence, options);
  const { at, supplied, signal } = options;
  const { needs, supplied: own, inspect: inspectAnew, verify } = await prepare(evidence, options);
  const named = options.refuseEarly === true ? needs.filter(isNamedByPeer).map(collateralUrl) : [];
  if (named.some((url) => options.memos?.accepted.has(url) !== true)) {
    const verdict = verify(collateralSetOf([]));
    if (verdict.outcome === "rejected") return { ...verdict, at };
  }
  const { inspect, validityOf } = rememberValidity(inspectAnew);
  const collateral = await gather(needs, [...supplied, ...own], inspect, at, signal);
  warnOfExpired(needs, collateral, validityOf, options);
  const later = own.filter(({ need }) => isReplaced(collateral.answer(need))).map(({ need }) => need);
  const verdict = verify(collateral);
  if (verdict.outcome === "accepted") rememberAccepted(named, options);
  return {
    ...verdict,
    at,
    collateral: collateralUses(evidence, [...needs, ...later], collateral, validityOf),
  };
}

/** Whether the evidence itself says which of many documents is asked for. */
function isNamedByPeer({ kind }: CollateralNeed): boolean {
  return kind === "amd-vcek" || kind === "intel-tcb-info";
}

/** Machines of a large cluster. */
const MAX_ACCEPTED = 4096;

function rememberAccepted(urls: readonly string[], { memos }: JudgeOptions): void {
  if (memos === undefined) return;
  for (const url of urls.filter((named) => !memos.accepted.has(named))) {
    const [oldest] = memos.accepted;
    if (memos.accepted.size >= MAX_ACCEPTED && oldest !== undefined) memos.accepted.delete(oldest);
    memos.accepted.add(url);
  }
}

/** Certificates after their end are refused whatever the user accepts. */
function warnOfExpired(
  needs: readonly CollateralNeed[],
  collateral: CollateralSet,
  validityOf: InspectCollateral,
  { at, acceptExpired }: JudgeOptions,
): void {
  if (acceptExpired === undefined) return;
  for (const need of needs.filter((candidate) => !isCertificateNeed(candidate))) {
    const answer = collateral.answer(need);
    const end = answer.found ? validityOf(answer.item).notAfter : undefined;
    if (isAccepted(end, at, acceptExpired.until)) acceptExpired.warn(`${describeNeed(need)}, which ${ended(end, at)}`);
  }
}

/** Whether a later copy than that of the evidence was at hand. */
function isReplaced(answer: CollateralAnswer): boolean {
  return answer.found && answer.item.origin !== "evidence";
}

/** Loads only what the kind of hardware needs: one call of the program judges one piece of evidence. */
async function prepare(evidence: Evidence, options: JudgeOptions): Promise<Preparation> {
  if (evidence.tee === "snp") {
    const { prepareSnp } = await import("./prepare-snp.ts");
    return prepareSnp(evidence.snp, options);
  }
  const { prepareTdx } = await import("./prepare-tdx.ts");
  return prepareTdx(evidence.tdx, options);
}

/** No vendor is asked about evidence that nothing could make acceptable. */
function refuseKind({ tee }: Evidence, { at }: JudgeOptions): Verdict<never> {
  const other = tee === "snp" ? "tdx" : "snp";
  const verdict = refuseUnjudged({
    id: "hardware",
    subject: "Kind of hardware",
    expected: TEE_NAMES[other],
    actual: TEE_NAMES[tee],
    source: `ReferenceValues.${other}`,
    code: "attestation/no-reference-values",
    reason: `the manifest has no entry in ReferenceValues.${tee}`,
    remedy: "Use the manifest that was generated for the platform of this machine.",
  });
  return { ...verdict, at };
}

/** Looking into a document means checking its signatures, so its dates are kept for the provenance. */
function rememberValidity(inspect: InspectCollateral): {
  readonly inspect: InspectCollateral;
  readonly validityOf: InspectCollateral;
} {
  const known = new Map<CollateralItem, CollateralValidity>();
  return {
    inspect: (item) => {
      const validity = inspect(item);
      known.set(item, validity);
      return validity;
    },
    validityOf: (item) => known.get(item) ?? inspect(item),
  };
}
