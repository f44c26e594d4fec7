import type { InspectCollateral } from "../gather-collateral.ts";
import type { CollateralCache } from "./collateral-cache.ts";
import { collateralUrl } from "./collateral-url.ts";
import { judgeHeld } from "./judge-held.ts";

/** Why something leaves the cache. */
export type PruneReason = "expired" | "wrong" | "not-needed" | "damaged" | "all";

/** Something that is to leave the cache. */
export interface PrunedEntry {
  /** Address of an entry, or name of a damaged file. */
  readonly name: string;
  readonly reason: PruneReason;
  readonly remove: () => Promise<void>;
}

/** What is to be removed. */
export interface PruneOptions {
  readonly inspect: InspectCollateral;
  readonly at: Date;
  readonly now: Date;
  /** Addresses that stay; undefined: whatever is valid stays. */
  readonly needed: ReadonlySet<string> | undefined;
  readonly all: boolean;
}

/** A file without its other half may be one that another process is just writing. */
const SETTLED_MS = 10 * 60 * 1000;

/** Finds what can leave the cache; nothing is removed yet. */
export async function planPrune(cache: CollateralCache, options: PruneOptions): Promise<readonly PrunedEntry[]> {
  const { items, damaged } = await cache.list();
  const entries = items.flatMap((item): readonly PrunedEntry[] => {
    const url = collateralUrl(item.need);
    const reason = options.all ? "all" : reasonFor(url, judgeHeld(item, options.inspect, options.at).state, options);
    return reason === undefined ? [] : [{ name: url, reason, remove: () => cache.remove(item.need) }];
  });
  const settled = damaged.filter(
    ({ changedAt }) => options.all || options.now.getTime() - changedAt.getTime() >= SETTLED_MS,
  );
  const files = settled.map(({ name }): PrunedEntry => ({
    name,
    reason: "damaged",
    remove: () => cache.removeDamaged(name),
  }));
  return [...entries, ...files];
}

function reasonFor(
  url: string,
  state: ReturnType<typeof judgeHeld>["state"],
  { needed }: PruneOptions,
): PruneReason | undefined {
  if (state === "wrong" || state === "expired") return state;
  return needed === undefined || needed.has(url) ? undefined : "not-needed";
}
