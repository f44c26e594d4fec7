import type { CollateralItem } from "./collateral-need.ts";
import type { CollateralValidity, InspectCollateral } from "./gather-collateral.ts";
import { inspectAmdCollateral } from "./snp/inspect-amd.ts";
import { inspectIntelCollateral } from "./tdx/inspect-intel.ts";
import type { TrustRoots } from "./trust-roots.ts";

/** Looks into collateral of either vendor: form, signatures up to the roots, whether it is what was needed. */
export function inspectCollateral(roots: TrustRoots): InspectCollateral {
  return (item: CollateralItem): CollateralValidity => {
    const { need, body } = item;
    switch (need.kind) {
      case "amd-vcek":
      case "amd-chain":
      case "amd-crl":
        return inspectAmdCollateral(need, body, roots.amd);
      case "intel-tcb-info":
      case "intel-qe-identity":
      case "intel-pck-crl":
      case "intel-root-crl":
        break;
    }
    return inspectIntelCollateral(item, roots.intel);
  };
}
