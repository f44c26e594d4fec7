import type { CollateralNeed, CollateralSet } from "./collateral-need.ts";
import type { Evidence } from "./evidence.ts";
import type { InspectCollateral } from "./gather-collateral.ts";
import type { Verdict } from "./verdict.ts";

/** What is known of a verification before its collateral was gathered. */
export interface Preparation {
  readonly needs: readonly CollateralNeed[];
  readonly inspect: InspectCollateral;
  readonly verify: (collateral: CollateralSet) => Verdict<Evidence>;
}
