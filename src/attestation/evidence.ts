import type { SnpEvidence } from "./snp/snp-evidence.ts";
import type { TdxEvidence } from "./tdx/tdx-evidence.ts";

/** Evidence of either kind of hardware, read but not verified. */
export type Evidence =
  { readonly tee: "snp"; readonly snp: SnpEvidence } | { readonly tee: "tdx"; readonly tdx: TdxEvidence };
