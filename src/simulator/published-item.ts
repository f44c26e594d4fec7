import type { CollateralItem, CollateralNeed } from "../attestation/collateral-need.ts";
import { collateralUrl } from "../attestation/collateral/collateral-url.ts";

/** Collateral as its vendor's service delivers it. */
export function publishedItem(
  need: CollateralNeed,
  body: Uint8Array,
  issuerChainPem: string | undefined,
  now: Date,
): CollateralItem {
  return { need, url: collateralUrl(need), body, issuerChainPem, origin: "network", fetchedAt: now, note: undefined };
}
