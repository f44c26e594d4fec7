import { ContrastError, messageOf } from "../../lib/errors.ts";
import type { Logger } from "../../lib/log.ts";
import { mapPool } from "../../lib/pool.ts";
import { Semaphore } from "../../lib/semaphore.ts";
import type { CollateralAnswer, CollateralItem, CollateralNeed } from "../collateral-need.ts";
import type { GatherCollateral, InspectCollateral } from "../gather-collateral.ts";
import type { CollateralCache } from "./collateral-cache.ts";
import { createCollateralSet } from "./collateral-set.ts";
import { collateralUrl } from "./collateral-url.ts";
import { type CopyState, copyState, renderAge } from "./copy-state.ts";
import { describeNeed } from "./describe-need.ts";
import { FailureMemory } from "./failure-memory.ts";
import type { FetchCollateral } from "./fetcher.ts";
import { fetchRemedy } from "./fetch-remedy.ts";

/** Where a gatherer looks. */
export interface GathererOptions {
  /** From files and bundles that the user named. */
  readonly files: readonly CollateralItem[];
  readonly cache: CollateralCache;
  /** Undefined: no service is asked. */
  readonly fetch: FetchCollateral | undefined;
  readonly now: () => Date;
  readonly log: Logger;
  /** For all requests of one call together; 30 s unless given. */
  readonly totalTimeoutMs?: number | undefined;
}

const TOTAL_TIMEOUT_MS = 30_000;
const MAX_REQUESTS = 4;
const MAX_NEEDS = 8;
/** With a valid copy at hand a service that is in trouble is not waited for. */
const ATTEMPTS = { withCopy: 1, without: 4 } as const;

/**
 * Makes a gatherer; one for a run, or for the life of a server. At most four requests run at once, and what failed is
 * not asked for again for a short while, because peers choose what is asked for.
 */
export function createCollateralGatherer(options: GathererOptions): GatherCollateral {
  const shared = { ...options, requests: new Semaphore(MAX_REQUESTS), failures: new FailureMemory(options.now) };
  return async (needs, supplied, inspect, at, signal) => {
    const deadline = new Date(options.now().getTime() + (options.totalTimeoutMs ?? TOTAL_TIMEOUT_MS));
    const unique = new Map(needs.map((need) => [collateralUrl(need), need]));
    const answers = await mapPool([...unique], MAX_NEEDS, async ([url, need]) => {
      const search = new Search(need, url, inspect, at, options);
      return [url, await answerNeed(search, supplied, shared, { signal, deadline })] as const;
    });
    return createCollateralSet(new Map(answers));
  };
}

interface Shared extends GathererOptions {
  readonly requests: Semaphore;
  readonly failures: FailureMemory;
}

interface CallLimits {
  readonly signal: AbortSignal;
  readonly deadline: Date;
}

async function answerNeed(
  search: Search,
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
async function fetchOnce(search: Search, shared: Shared, limits: CallLimits): Promise<CollateralItem | undefined> {
  const { fetch, failures, cache } = shared;
  const { need, url } = search;
  if (fetch === undefined) {
    search.fail(`${url} may not be asked with --offline`);
    return undefined;
  }
  if (isMaskedChip(need)) {
    search.fail("no VCEK can be asked for, because the host masks its chip id");
    return undefined;
  }
  return await shared.requests.run(async () => {
    const known = failures.recall(url);
    if (known !== undefined) {
      search.fail(known);
      return undefined;
    }
    try {
      const attempts = search.hasValidCopy ? ATTEMPTS.withCopy : ATTEMPTS.without;
      const item = await fetch(need, { ...limits, attempts });
      search.inspect(item);
      await cache.write(item);
      return item;
    } catch (error) {
      if (limits.signal.aborted || !(error instanceof ContrastError)) throw error;
      search.fail(messageOf(error));
      failures.remember(url, messageOf(error), error.details["retryAfterMs"]);
      return undefined;
    }
  });
}

function isMaskedChip(need: CollateralNeed): boolean {
  return need.kind === "amd-vcek" && /^0+$/.test(need.chipIdHex);
}

/** Looks for one piece of collateral and keeps the best copy that was seen. */
class Search {
  readonly need: CollateralNeed;
  readonly url: string;
  readonly #inspect: InspectCollateral;
  readonly #at: Date;
  readonly #options: GathererOptions;
  readonly #failures: string[] = [];
  #best: { readonly item: CollateralItem; readonly state: CopyState } | undefined;

  constructor(need: CollateralNeed, url: string, inspect: InspectCollateral, at: Date, options: GathererOptions) {
    this.need = need;
    this.url = url;
    this.#inspect = inspect;
    this.#at = at;
    this.#options = options;
  }

  /** Whether a copy that is valid, though perhaps old, was seen. */
  get hasValidCopy(): boolean {
    return this.#best?.state === "old";
  }

  fail(reason: string): void {
    this.#failures.push(reason);
  }

  /** @throws ContrastError for content that is not what is needed */
  inspect(item: CollateralItem): CopyState {
    const validity = this.#inspect(item);
    return copyState(item, validity, this.#at, this.#options.now());
  }

  /** Whether a copy can be used as it is; one that cannot is kept for the case that nothing better is found. */
  isCurrent(item: CollateralItem): boolean {
    try {
      const state = this.inspect(item);
      if (state === "current") return true;
      // Of two copies with the same fault the later one is newer.
      if (this.#best?.state !== "old") this.#best = { item, state };
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      const { origin } = item;
      this.#options.log.warn("ignoring collateral", { url: this.url, origin, reason: messageOf(error) });
      if (origin !== "cache") this.fail(`the copy of ${SOURCES[origin]} is not usable: ${messageOf(error)}`);
    }
    return false;
  }

  conclude(): CollateralAnswer {
    const reason = this.#failures.join("; ");
    const isOffline = this.#options.fetch === undefined;
    if (this.#best === undefined) {
      const remedy = isMaskedChip(this.need)
        ? "Pass the VCEK of the machine with --certs, or let the host show its chip id."
        : fetchRemedy(this.url, isOffline);
      return {
        found: false,
        reason: reason === "" ? `no copy of the ${describeNeed(this.need)} is at hand` : reason,
        remedy,
      };
    }
    const { item, state } = this.#best;
    const fact = state === "old" ? "using" : "there is only";
    const note = `${reason === "" ? "" : `${reason}; `}${fact} ${this.#describe(item)}`;
    const { log } = this.#options;
    if (isOffline) log.info("using old collateral", { url: this.url, note });
    else log.warn("using old collateral", { url: this.url, note });
    return { found: true, item: { ...item, note } };
  }

  #describe({ origin, fetchedAt }: CollateralItem): string {
    const source = `the copy of ${SOURCES[origin]}`;
    const ageMs = fetchedAt === undefined ? -1 : this.#options.now().getTime() - fetchedAt.getTime();
    return ageMs < 0 ? `${source}, of unknown age` : `${source}, ${renderAge(ageMs)} old`;
  }
}

const SOURCES: Readonly<Record<CollateralItem["origin"], string>> = {
  evidence: "the evidence",
  file: "a file",
  bundle: "the bundle",
  cache: "the cache",
  network: "the vendor's service",
};
