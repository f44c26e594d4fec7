import { sameBytes } from "../../lib/same-bytes.ts";
import type { CollateralItem } from "../collateral-need.ts";
import type { InspectCollateral } from "../gather-collateral.ts";
import type { CollateralCache } from "./collateral-cache.ts";
import { type HeldItem, judgeHeld } from "./judge-held.ts";

/**
 * What became of a piece of collateral that was to be taken into the cache.
 *
 * - `stored`: taken
 * - `same`: the cache had it already
 * - `kept-newer`: the cache has a later one, which stays
 * - `refused`: not signed by the roots, or not what its address promises
 * - `not-stored`: the cache cannot be written
 */
export type ImportOutcome = "stored" | "same" | "kept-newer" | "refused" | "not-stored";

/** One piece of an import. */
export interface ImportedItem {
  readonly held: HeldItem;
  readonly outcome: ImportOutcome;
}

/**
 * Takes collateral into the cache, but nothing that is wrong, and nothing in place of something later: an old revocation
 * list is as good a forgery as any.
 */
export async function importItems(
  items: readonly CollateralItem[],
  cache: CollateralCache,
  inspect: InspectCollateral,
  at: Date,
): Promise<readonly ImportedItem[]> {
  const imported: ImportedItem[] = [];
  // One after the other: two of them may have the same address.
  for (const item of items) {
    const held = judgeHeld(item, inspect, at);
    imported.push({ held, outcome: await importItem(held, cache, inspect, at) });
  }
  return imported;
}

async function importItem(
  held: HeldItem,
  cache: CollateralCache,
  inspect: InspectCollateral,
  at: Date,
): Promise<ImportOutcome> {
  const { item, state, validity } = held;
  if (state === "wrong") return "refused";
  const cached = await cache.read(item.need);
  const known = cached === undefined ? undefined : judgeHeld(cached, inspect, at);
  if (known !== undefined && known.state !== "wrong") {
    const begins = validity.notBefore?.getTime() ?? 0;
    if ((known.validity.notBefore?.getTime() ?? 0) > begins) return "kept-newer";
    const isFresher = (item.fetchedAt?.getTime() ?? 0) > (known.item.fetchedAt?.getTime() ?? 0);
    if (sameBytes(known.item.body, item.body) && !isFresher) return "same";
  }
  await cache.write(item);
  const stored = await cache.read(item.need);
  return stored !== undefined && sameBytes(stored.body, item.body) ? "stored" : "not-stored";
}
