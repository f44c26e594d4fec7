import type { CollateralItem } from "./collateral-need.ts";
import type { CollateralValidity } from "./gather-collateral.ts";
import { inspectAmdCollateral } from "./snp/inspect-amd.ts";
import type { TrustRoots } from "./trust-roots.ts";

/**
 * Looks into collateral of AMD.
 *
 * @returns undefined for Intel's
 * @throws ContrastError as `inspectAmdCollateral`
 */
export function inspectAmdItem(
  { need, body }: CollateralItem,
  roots: TrustRoots["amd"],
): CollateralValidity | undefined {
  switch (need.kind) {
    case "amd-vcek":
    case "amd-chain":
    case "amd-crl":
      return inspectAmdCollateral(need, body, roots);
    case "intel-tcb-info":
    case "intel-qe-identity":
    case "intel-pck-crl":
    case "intel-root-crl":
      break;
  }
  return undefined;
}
