import { ContrastError, messageOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import { mapPool } from "../../lib/pool.ts";
import type { CollateralAnswer, CollateralItem, CollateralNeed } from "../collateral-need.ts";
import type { GatherCollateral } from "../gather-collateral.ts";
import type { CollateralCache } from "./collateral-cache.ts";
import { CollateralSearch, isMaskedChip } from "./collateral-search.ts";
import { createCollateralSet } from "./collateral-set.ts";
import { collateralUrl } from "./collateral-url.ts";
import { FailureMemory } from "./failure-memory.ts";
import type { FetchCollateral } from "./fetcher.ts";
import { RequestBudget, type RequestRate } from "./request-budget.ts";
import { SharedRequests } from "./shared-requests.ts";

/** Where a gatherer looks. */
export interface GathererOptions {
  /** From files and bundles that the user named. */
  readonly files: readonly CollateralItem[];
  readonly cache: CollateralCache;
  /** Whether the cache may have copies that other roots signed, which are nothing to warn of. */
  readonly hasSharedCache?: boolean | undefined;
  /** Undefined: no service is asked. */
  readonly fetch: FetchCollateral | undefined;
  readonly now: () => Date;
  readonly log: Logger;
  /** For all requests of one call together; 25 s unless given. */
  readonly totalTimeoutMs?: number | undefined;
  /** For certificates of chips, which peers name; not counted unless given. */
  readonly chipRequests?: RequestRate | undefined;
}

/** Of a server that anybody can show evidence to: a cluster starts on new machines, and forgeries bring little. */
export const SERVED_CHIP_REQUESTS: RequestRate = { burst: 64, perMinute: 60 };

/** Shorter than the limit of an attested connection: who waits for one is told which service did not answer. */
const TOTAL_TIMEOUT_MS = 25_000;
const MAX_CHIP_REQUESTS = 4;
/** Of those that all peers need, which no number of strange chips may hold up. */
const MAX_COMMON_REQUESTS = 4;
const MAX_NEEDS = 8;
/** With a valid copy at hand a service that is in trouble is not waited for. */
const ATTEMPTS = { withCopy: 1, without: 4 } as const;

/**
 * Makes a gatherer; one for a run, or for the life of a server. At most four requests for chips and four others run at
 * once, one for each address, and what failed is not asked for again for a short while, because peers choose what is
 * asked for.
 */
export function createCollateralGatherer(options: GathererOptions): GatherCollateral {
  const { now, chipRequests } = options;
  const shared: Shared = {
    ...options,
    chips: new SharedRequests(MAX_CHIP_REQUESTS),
    requests: new SharedRequests(MAX_COMMON_REQUESTS),
    budget: chipRequests && new RequestBudget(chipRequests, now),
    failures: new FailureMemory(now),
  };
  return async (needs, supplied, inspect, at, signal) => {
    const startedAt = options.now();
    const deadline = new Date(startedAt.getTime() + (options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS));
    const unique = new Map(needs.map((need) => [collateralUrl(need), need]));
    const answers = await mapPool([...unique], MAX_NEEDS, async ([url, need]) => {
      const search = new CollateralSearch(need, url, inspect, at, { ...options, offline: options.fetch === undefined });
      return [url, await answerNeed(search, supplied, shared, { signal, deadline, startedAt })] as const;
    });
    const set = new Map<string, CollateralAnswer>(answers);
    for (const [url, need] of suppliedBeside(unique, supplied)) {
      const search = new CollateralSearch(need, url, inspect, at, { ...options, offline: true });
      const item = await latestAtHand(search, supplied, shared);
      if (item !== undefined) set.set(url, { found: true, item });
    }
    return createCollateralSet(set);
  };
}

/** What came with the evidence and need not be gathered for that reason. */
function suppliedBeside(
  needed: ReadonlyMap<string, CollateralNeed>,
  supplied: readonly CollateralItem[],
): ReadonlyMap<string, CollateralNeed> {
  const all = supplied.map(({ need }) => [collateralUrl(need), need] as const);
  return new Map(all.filter(([url]) => !needed.has(url)));
}

/** The latest copy that is at hand anyway: whoever chose what came with the evidence may have chosen an old one. */
async function latestAtHand(
  search: CollateralSearch,
  supplied: readonly CollateralItem[],
  { files, cache }: Shared,
): Promise<CollateralItem | undefined> {
  const isMeant = (item: CollateralItem): boolean => collateralUrl(item.need) === search.url;
  const cached = await cache.read(search.need);
  const others = [...files.filter(isMeant), ...(cached === undefined ? [] : [cached])];
  return others.length === 0 ? undefined : search.latestOf([...supplied.filter(isMeant), ...others]);
}

interface Shared extends GathererOptions {
  readonly chips: SharedRequests;
  readonly requests: SharedRequests;
  readonly budget: RequestBudget | undefined;
  readonly failures: FailureMemory;
}

interface CallLimits {
  readonly signal: AbortSignal;
  readonly deadline: Date;
  /** What was fetched since then is as good as what would be fetched now. */
  readonly startedAt: Date;
}

async function answerNeed(
  search: CollateralSearch,
  supplied: readonly CollateralItem[],
  shared: Shared,
  limits: CallLimits,
): Promise<CollateralAnswer> {
  for (const item of [...supplied, ...shared.files]) {
    if (collateralUrl(item.need) === search.url && search.isCurrent(item)) return { found: true, item };
  }
  const cached = await shared.cache.read(search.need);
  if (cached !== undefined && search.isCurrent(cached)) return { found: true, item: cached };
  const fetched = await fetchOnce(search, shared, limits);
  if (fetched !== undefined && search.isCurrent(fetched)) return { found: true, item: fetched };
  return search.conclude();
}

/** @returns undefined where no service may be asked or none answered; the search knows why */
async function fetchOnce(
  search: CollateralSearch,
  shared: Shared,
  limits: CallLimits,
): Promise<CollateralItem | undefined> {
  const { fetch, chips, budget, failures, cache } = shared;
  const { need, url } = search;
  const isOfChip = need.kind === "amd-vcek";
  const requests = isOfChip ? chips : shared.requests;
  if (fetch === undefined) {
    search.fail(`--offline allows no request to ${url}`);
    return undefined;
  }
  if (isMaskedChip(need)) {
    search.fail("no VCEK can be asked for, because the host masks its chip id");
    return undefined;
  }
  const known = failures.recall(url);
  if (known !== undefined) {
    search.fail(known);
    return undefined;
  }
  const attempts = search.hasValidCopy ? ATTEMPTS.withCopy : ATTEMPTS.without;
  // Cache and memory are settled before the request ends for those who share it: nobody comes too late for it and too
  // early for them.
  const request = async (): Promise<CollateralItem> => {
    const kept = await cache.read(need);
    if (kept?.fetchedAt !== undefined && kept.fetchedAt >= limits.startedAt) return kept;
    if (isOfChip && !limits.signal.aborted && budget?.take() === false) {
      const message = `Cannot ask ${url}: too many chips were asked for in the last minutes`;
      throw new ContrastError("attestation/collateral-service-busy", message);
    }
    try {
      const item = await fetch(need, { signal: limits.signal, deadline: limits.deadline, attempts });
      if (isWorthKeeping(search, item)) await cache.write(item);
      return item;
    } catch (error) {
      if (!limits.signal.aborted && error instanceof ContrastError) {
        failures.remember(url, messageOf(error), error.details["retryAfterMs"]);
      }
      throw error;
    }
  };
  try {
    return await requests.run(url, request, limits.signal);
  } catch (error) {
    if (limits.signal.aborted || !(error instanceof ContrastError)) throw error;
    search.fail(messageOf(error));
    return undefined;
  }
}

/**
 * Whether a fetched copy is to be kept.
 *
 * @throws ContrastError for content that is not what is needed; what is wrong with it does not say where it is from
 */
function isWorthKeeping(search: CollateralSearch, item: CollateralItem): boolean {
  try {
    return search.mayReplace(item);
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const message = `Cannot use what was fetched for ${search.url}: ${messageOf(error)}`;
    throw new ContrastError(error.code, message, { cause: error });
  }
}
