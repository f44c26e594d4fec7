import { ContrastError } from "../lib/errors.ts";
import type { CollateralItem, CollateralNeed } from "./collateral-need.ts";
import { collateralUrl } from "./collateral/collateral-url.ts";
import { inspectAmdItem } from "./inspect-amd-item.ts";
import type { JudgeOptions } from "./judge-options.ts";
import type { Preparation } from "./preparation.ts";
import { productCandidates } from "./snp/product-in-force.ts";
import type { SnpEvidence } from "./snp/snp-evidence.ts";
import { snpNeeds } from "./snp/snp-needs.ts";
import type { SnpVerifyOptions } from "./snp/snp-options.ts";
import { verifySnp } from "./snp/verify-snp.ts";
import { mapVerdict } from "./verdict.ts";
import { snpVerifyOptions } from "./verify-options.ts";

/** Prepares the verification of SEV-SNP evidence. */
export function prepareSnp(evidence: SnpEvidence, options: JudgeOptions): Preparation {
  const snpOptions = snpVerifyOptions(options);
  const needs = snpNeeds(evidence, snpOptions);
  return {
    needs,
    supplied: suppliedCrl(evidence, needs, snpOptions),
    inspect: (item) => {
      const validity = inspectAmdItem(item, options.roots.amd);
      if (validity !== undefined) return validity;
      throw new ContrastError("lib/internal", `Cannot verify SNP evidence: nobody asked for ${item.need.kind}`);
    },
    verify: (collateral) => mapVerdict(verifySnp(evidence, collateral, snpOptions), (snp) => ({ tee: "snp", snp })),
  };
}

/** The revocation list inside the evidence, where none has to be fetched because of it. */
function suppliedCrl(
  evidence: SnpEvidence,
  needs: readonly CollateralNeed[],
  options: SnpVerifyOptions,
): readonly CollateralItem[] {
  const { crl } = evidence.endorsements;
  const { signingKey } = evidence.report.signerInfo;
  const isNeeded = needs.some(({ kind }) => kind === "amd-crl");
  if (crl === undefined || isNeeded || signingKey === "none" || options.revocation === "waived") return [];
  return productCandidates(evidence, options).map((product) => {
    const need = { kind: "amd-crl", product, signingKey } as const;
    const url = collateralUrl(need);
    return {
      need,
      url,
      body: crl,
      issuerChainPem: undefined,
      origin: "evidence",
      fetchedAt: undefined,
      note: undefined,
    };
  });
}
