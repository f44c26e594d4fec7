import { ContrastError } from "../lib/errors.ts";
import { inspectAmdItem } from "./inspect-amd-item.ts";
import type { JudgeOptions } from "./judge-options.ts";
import type { Preparation } from "./preparation.ts";
import type { SnpEvidence } from "./snp/snp-evidence.ts";
import { snpNeeds } from "./snp/snp-needs.ts";
import { verifySnp } from "./snp/verify-snp.ts";
import { mapVerdict } from "./verdict.ts";
import { snpVerifyOptions } from "./verify-options.ts";

/** Prepares the verification of SEV-SNP evidence. */
export function prepareSnp(evidence: SnpEvidence, options: JudgeOptions): Preparation {
  const snpOptions = snpVerifyOptions(options);
  return {
    needs: snpNeeds(evidence, snpOptions),
    inspect: (item) => {
      const validity = inspectAmdItem(item, options.roots.amd);
      if (validity !== undefined) return validity;
      throw new ContrastError("lib/internal", `Cannot verify SNP evidence: nobody asked for ${item.need.kind}`);
    },
    verify: (collateral) => mapVerdict(verifySnp(evidence, collateral, snpOptions), (snp) => ({ tee: "snp", snp })),
  };
}
