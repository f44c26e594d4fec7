import type { CollateralItem } from "./collateral-need.ts";
import type { CollateralValidity, InspectCollateral } from "./gather-collateral.ts";
import { inspectAmdItem } from "./inspect-amd-item.ts";
import { inspectIntelCollateral } from "./tdx/inspect-intel.ts";
import type { TrustRoots } from "./trust-roots.ts";

/** Looks into collateral of either vendor: form, signatures up to the roots, whether it is what was needed. */
export function inspectCollateral(roots: TrustRoots): InspectCollateral {
  return (item: CollateralItem): CollateralValidity =>
    inspectAmdItem(item, roots.amd) ?? inspectIntelCollateral(item, roots.intel);
}
