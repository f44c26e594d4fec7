import type { CollateralItem, CollateralNeed, CollateralSet } from "./collateral-need.ts";

/** The time that a piece of collateral states for itself: certificate validity, thisUpdate and nextUpdate, or issueDate and nextUpdate. */
export interface CollateralValidity {
  readonly notBefore?: Date | undefined;
  /** Undefined where the object names no end. */
  readonly notAfter?: Date | undefined;
}

/**
 * Looks into collateral on behalf of those who only move it: whether it is what its need asks for, signed by the
 * vendor's roots, and when it is valid. Whether it is valid now is not judged.
 *
 * @throws ContrastError for content that is not what was asked for
 */
export type InspectCollateral = (item: CollateralItem) => CollateralValidity;

/**
 * Finds collateral for one verification: supplied by the evidence, then files and bundles, then the cache, then the
 * vendors' services. Never throws for what cannot be found; the set says why.
 *
 * @param supplied what came with the evidence; used as it is. Of a piece that `needs` does not name, the set has the latest
 *   copy of files, bundles and cache, if there is one; nobody is asked for it
 * @param inspect refuses wrong content, which is then not used and not stored
 * @param at the time for which collateral is needed
 * @throws ContrastError `lib/interrupted`
 */
export type GatherCollateral = (
  needs: readonly CollateralNeed[],
  supplied: readonly CollateralItem[],
  inspect: InspectCollateral,
  at: Date,
  signal: AbortSignal,
) => Promise<CollateralSet>;
