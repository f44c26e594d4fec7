import type { CollateralItem, CollateralNeed, CollateralSet } from "./collateral-need.ts";
import type { Evidence } from "./evidence.ts";
import type { InspectCollateral } from "./gather-collateral.ts";
import type { Verdict } from "./verdict.ts";

/** What is known of a verification before its collateral was gathered. */
export interface Preparation {
  readonly needs: readonly CollateralNeed[];
  /** What the evidence brings and is good enough, but may be older than a copy at hand. */
  readonly supplied: readonly CollateralItem[];
  readonly inspect: InspectCollateral;
  readonly verify: (collateral: CollateralSet) => Verdict<Evidence>;
}
