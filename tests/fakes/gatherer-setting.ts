import type { CollateralAnswer, CollateralItem, CollateralNeed } from "../../src/attestation/collateral-need.ts";
import { openCollateralCache } from "../../src/attestation/collateral/collateral-cache.ts";
import { collateralUrl } from "../../src/attestation/collateral/collateral-url.ts";
import { createCollateralGatherer } from "../../src/attestation/collateral/create-gatherer.ts";
import type { FetchCollateral, FetchLimits } from "../../src/attestation/collateral/fetcher.ts";
import type { GatherCollateral } from "../../src/attestation/gather-collateral.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { fakeItem, inspectFake, NEEDS } from "./collateral-items.ts";
import { recordLog } from "./image-provider.ts";
import { type ManualClock, manualClock } from "./manual-clock.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** When a gatherer of `startGatherer` is asked first. */
export const NOW = "2026-01-10T12:00:00Z";
/** Dates of documents that are good then. */
export const VALID = { from: "2026-01-01", to: "2026-02-01" };

/** A gatherer with its surroundings: files, a cache on disk, a service, a clock. */
export interface GathererSetting {
  readonly asked: { readonly url: string; readonly attempts: number }[];
  readonly clock: ManualClock;
  readonly ask: (need?: CollateralNeed, supplied?: readonly CollateralItem[]) => Promise<CollateralAnswer>;
  readonly gather: GatherCollateral;
  /** As `recordLog` writes them. */
  readonly logged: readonly string[];
  readonly cached: (need?: CollateralNeed) => Promise<CollateralItem | undefined>;
  /** How the service answers; the item as published unless changed. */
  serve: (need: CollateralNeed, limits: FetchLimits) => Promise<CollateralItem> | CollateralItem;
}

/** What differs. */
export interface GathererOptions {
  readonly files?: readonly CollateralItem[];
  readonly cached?: readonly CollateralItem[];
  readonly offline?: boolean;
  readonly totalTimeoutMs?: number;
  readonly hasSharedCache?: boolean;
}

/** A gatherer whose service has everything. */
export async function startGatherer({
  files = [],
  cached = [],
  offline = false,
  totalTimeoutMs,
  hasSharedCache,
}: GathererOptions = {}): Promise<GathererSetting> {
  const log = recordLog();
  const clock = manualClock(NOW);
  const cache = openCollateralCache(temporaryDirectory(), recordLog());
  for (const item of cached) await cache.write(item);
  const asked: GathererSetting["asked"] = [];
  const fetch: FetchCollateral = async (need, limits) => {
    asked.push({ url: collateralUrl(need), attempts: limits.attempts });
    return await setting.serve(need, limits);
  };
  const gather = createCollateralGatherer({
    files,
    cache,
    fetch: offline ? undefined : fetch,
    now: clock.now,
    log,
    totalTimeoutMs,
    hasSharedCache,
  });
  const setting: GathererSetting = {
    asked,
    clock,
    gather,
    logged: log.lines,
    ask: async (need = NEEDS.crl, supplied = []) => {
      const set = await gather([need], supplied, inspectFake, clock.now(), new AbortController().signal);
      return set.answer(need);
    },
    cached: (need = NEEDS.crl) => cache.read(need),
    serve: (need) => fakeItem(need, VALID, { fetchedAt: clock.now() }),
  };
  return setting;
}

/** The error of a service that wants to be asked later. */
export function throttled(details: Record<string, number> = {}): never {
  throw new ContrastError(
    "attestation/collateral-service-busy",
    "Cannot fetch CRL: https://service.example answered 429",
    {
      details,
    },
  );
}

/** The origin of an answer, and whether a note says why an old copy had to do; or `missing`. */
export function summary(answer: CollateralAnswer): string {
  if (!answer.found) return "missing";
  return answer.item.note === undefined ? answer.item.origin : `${answer.item.origin} with note`;
}
