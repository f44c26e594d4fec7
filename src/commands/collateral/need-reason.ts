import type { CollateralNeed } from "../../attestation/collateral-need.ts";

/** One need with one reason for it. */
export interface NeedReason {
  readonly need: CollateralNeed;
  /** Such as `manifest.json, ReferenceValues.snp[0]`. */
  readonly neededBy: string;
  /** Where any one of several would do: what they have in common. */
  readonly group?: string | undefined;
}
