import type { CollateralNeed, SnpProduct } from "../collateral-need.ts";
import { hasUsableCrl } from "./choose-crl.ts";
import { isMaskedChipId } from "./endorsement-binding.ts";
import { vcekNeed } from "./find-collateral.ts";
import { productCandidates } from "./product-in-force.ts";
import type { SnpEvidence } from "./snp-evidence.ts";
import type { SnpVerifyOptions } from "./snp-options.ts";

/**
 * What a verification needs beside the evidence: the VCEK where it did not come along, and the revocation list where
 * none did that can be used. The certificates of AMD are part of the program and are never asked for.
 */
export function snpNeeds(
  evidence: SnpEvidence,
  options: Pick<SnpVerifyOptions, "at" | "roots" | "revocation" | "expectations" | "chains">,
): readonly CollateralNeed[] {
  const { signingKey } = evidence.report.signerInfo;
  if (signingKey === "none") return [];
  return productCandidates(evidence, options).flatMap((product) => {
    const needs = needsVcek(evidence) ? [vcekNeed(evidence, product)] : [];
    return needsCrl(evidence, product, options) ? [...needs, { kind: "amd-crl", product, signingKey } as const] : needs;
  });
}

/** AMD's service cannot look for a masked chip, and hands VLEKs to cloud providers only. */
function needsVcek({ report, endorsements }: SnpEvidence): boolean {
  const isOfChip = report.signerInfo.signingKey === "VCEK" && !isMaskedChipId(report.chipId);
  return isOfChip && endorsements.vcek === undefined;
}

function needsCrl(
  evidence: SnpEvidence,
  product: SnpProduct,
  options: Pick<SnpVerifyOptions, "at" | "roots" | "revocation" | "chains">,
): boolean {
  return options.revocation === "required" && !hasUsableCrl(evidence, product, options);
}
