import type { CollateralItem, CollateralSet } from "./collateral-need.ts";
import { collateralUses } from "./collateral-uses.ts";
import { evidenceNeeds } from "./evidence-needs.ts";
import type { Evidence } from "./evidence.ts";
import type { CollateralValidity, GatherCollateral, InspectCollateral } from "./gather-collateral.ts";
import { inspectCollateral } from "./inspect-collateral.ts";
import type { JudgeOptions } from "./judge-options.ts";
import { verifySnp } from "./snp/verify-snp.ts";
import { verifyTdx } from "./tdx/verify-tdx.ts";
import { TEE_NAMES } from "./tee-names.ts";
import { mapVerdict, refuseUnjudged, type Verdict } from "./verdict.ts";
import { snpVerifyOptions, tdxVerifyOptions } from "./verify-options.ts";

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
  const { at, roots, supplied, signal } = options;
  const needs = evidenceNeeds(evidence, options);
  const { inspect, validityOf } = rememberValidity(inspectCollateral(roots));
  const collateral = await gather(needs, supplied, inspect, at, signal);
  const verdict = verifyWith(evidence, collateral, options);
  return { ...verdict, at, collateral: collateralUses(evidence, needs, collateral, validityOf) };
}

function verifyWith(evidence: Evidence, collateral: CollateralSet, options: JudgeOptions): Verdict<Evidence> {
  if (evidence.tee === "snp") {
    return mapVerdict(verifySnp(evidence.snp, collateral, snpVerifyOptions(options)), (snp) => ({ tee: "snp", snp }));
  }
  return mapVerdict(verifyTdx(evidence.tdx, collateral, tdxVerifyOptions(options)), (tdx) => ({ tee: "tdx", tdx }));
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
