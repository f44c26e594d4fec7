import type { JudgeOptions } from "./judge-options.ts";
import type { Preparation } from "./preparation.ts";
import { inspectIntelCollateral } from "./tdx/inspect-intel.ts";
import type { TdxEvidence } from "./tdx/tdx-evidence.ts";
import { tdxNeeds } from "./tdx/tdx-needs.ts";
import { verifyTdx } from "./tdx/verify-tdx.ts";
import { mapVerdict } from "./verdict.ts";
import { tdxVerifyOptions } from "./verify-options.ts";

/** Prepares the verification of TDX evidence. */
export function prepareTdx(evidence: TdxEvidence, options: JudgeOptions): Preparation {
  const tdxOptions = tdxVerifyOptions(options);
  return {
    needs: tdxNeeds(evidence, options),
    supplied: [],
    inspect: (item) => inspectIntelCollateral(item, options.roots.intel),
    verify: (collateral) => mapVerdict(verifyTdx(evidence, collateral, tdxOptions), (tdx) => ({ tee: "tdx", tdx })),
  };
}
