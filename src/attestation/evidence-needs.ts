import type { CollateralNeed } from "./collateral-need.ts";
import type { Evidence } from "./evidence.ts";
import type { JudgeOptions } from "./judge-options.ts";
import { snpNeeds } from "./snp/snp-needs.ts";
import { tdxNeeds } from "./tdx/tdx-needs.ts";
import { snpVerifyOptions } from "./verify-options.ts";

/** What the verification of evidence needs beside the evidence itself; what was waived is left out. */
export function evidenceNeeds(evidence: Evidence, options: JudgeOptions): readonly CollateralNeed[] {
  if (evidence.tee === "snp") return snpNeeds(evidence.snp, snpVerifyOptions(options));
  return tdxNeeds(evidence.tdx, options);
}
