import type { CollateralItem } from "../collateral-need.ts";
import type { CollateralCache } from "./collateral-cache.ts";
import { collateralUrl } from "./collateral-url.ts";
import { isCertificateNeed } from "./describe-need.ts";

/** Bounds of a cache in memory. */
export interface MemoryCacheOptions {
  readonly now: () => Date;
  /** How long documents and revocation lists are kept; a day unless given. Certificates stay. */
  readonly maxAgeMs?: number;
  readonly maxEntries?: number;
  /** Of all bodies together. */
  readonly maxBytes?: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** One certificate for each machine of a large cluster, and the little that all share. */
const MAX_ENTRIES = 4096;
const MAX_BYTES = 64 * 1024 * 1024;

interface Entry {
  readonly item: CollateralItem;
  readonly keptAtMs: number;
}

/**
 * Collateral kept by a process that runs for long, as the original's Coordinator does: what expires is asked for again
 * after a day, so that what vendors withdraw is noticed. Where there is no room, the entry goes that was not used for
 * longest. Nobody can fill it with rubbish: gatherers write only what a vendor signed.
 */
export function createMemoryCache(options: MemoryCacheOptions): CollateralCache {
  const { now, maxAgeMs = DAY_MS, maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = options;
  // In the order of their last use.
  const entries = new Map<string, Entry>();
  let totalBytes = 0;

  const remove = (url: string): void => {
    totalBytes -= entries.get(url)?.item.body.length ?? 0;
    entries.delete(url);
  };
  const isTooOld = ({ item, keptAtMs }: Entry): boolean => {
    const ageMs = now().getTime() - keptAtMs;
    // A clock that was set back says nothing about the age.
    return !isCertificateNeed(item.need) && (ageMs >= maxAgeMs || ageMs < 0);
  };
  const dropOld = (): void => {
    for (const [url, entry] of entries) if (isTooOld(entry)) remove(url);
  };
  return {
    read: async (need) => {
      const url = collateralUrl(need);
      const entry = entries.get(url);
      if (entry === undefined) return undefined;
      entries.delete(url);
      if (isTooOld(entry)) {
        totalBytes -= entry.item.body.length;
        return undefined;
      }
      entries.set(url, entry);
      return entry.item;
    },
    write: async (item) => {
      const url = collateralUrl(item.need);
      remove(url);
      if (item.body.length > maxBytes) return;
      dropOld();
      // A copy: what a service answered may be a part of a larger buffer.
      const kept: CollateralItem = { ...item, body: item.body.slice(), origin: "cache", note: undefined };
      entries.set(url, { item: kept, keptAtMs: now().getTime() });
      totalBytes += kept.body.length;
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && totalBytes <= maxBytes) break;
        remove(oldest);
      }
    },
    list: async () => {
      dropOld();
      const urls = [...entries.keys()].toSorted();
      return { items: urls.flatMap((url) => entries.get(url)?.item ?? []), damaged: [] };
    },
    remove: async (need) => remove(collateralUrl(need)),
    removeDamaged: async () => {},
  };
}
