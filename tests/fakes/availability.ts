import type { CollateralItem, CollateralOrigin } from "../../src/attestation/collateral-need.ts";
import { openCollateralCache } from "../../src/attestation/collateral/collateral-cache.ts";
import { createCollateralGatherer } from "../../src/attestation/collateral/create-gatherer.ts";
import { createCollateralFetcher } from "../../src/attestation/collateral/fetch-collateral.ts";
import type { Evidence } from "../../src/attestation/evidence.ts";
import { judgeEvidence } from "../../src/attestation/judge-evidence.ts";
import type { TrustRoots } from "../../src/attestation/trust-roots.ts";
import { recordLog } from "./image-provider.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { type ServiceTrouble, startVendorServices } from "./vendor-services.ts";

/** How the vendor's services do. */
export const VENDOR_STATES = ["reachable", "throttled", "down"] as const;
/** What is in the cache: nothing, or copies of these kinds. */
export const CACHE_STATES = ["fresh", "stale", "expired", "empty", "wrong"] as const;

/** One of `VENDOR_STATES`. */
export type VendorState = (typeof VENDOR_STATES)[number];
/** One of `CACHE_STATES`. */
export type CacheState = (typeof CACHE_STATES)[number];

/** One machine with what there is about it. */
export interface AvailabilityCase {
  readonly evidence: Evidence;
  readonly roots: TrustRoots;
  readonly now: Date;
  /** What the vendor publishes. */
  readonly published: readonly CollateralItem[];
  /** What is published with dates that have passed, where there are dates. */
  readonly expired: readonly CollateralItem[];
  /** Under the same addresses something of somebody else. */
  readonly wrong: readonly CollateralItem[];
}

/** What came of it. */
export interface AvailabilityResult {
  readonly outcome: "accepted" | "rejected" | "unknown";
  /** Requests that arrived at the vendor. */
  readonly requests: number;
  /** Origin by name of the piece, with `+note` where an old copy had to do. */
  readonly used: Readonly<Record<string, string>>;
}

const TROUBLE: Readonly<Record<VendorState, ServiceTrouble | undefined>> = {
  reachable: undefined,
  throttled: { kind: "status", status: 429 },
  down: { kind: "reset", after: "nothing" },
};

const HOUR_MS = 60 * 60 * 1000;
/** Hours since the cache was filled. */
const AGE_HOURS: Readonly<Record<CacheState, number>> = { fresh: 1, stale: 72, expired: 720, empty: 0, wrong: 1 };

/** Judges the evidence with everything real but the waiting. */
export async function judgeAvailability(
  vendor: VendorState,
  cached: CacheState,
  { evidence, roots, now, published, expired, wrong }: AvailabilityCase,
): Promise<AvailabilityResult> {
  const services = await startVendorServices(...published);
  try {
    services.trouble = () => TROUBLE[vendor];
    const log = recordLog();
    const cache = openCollateralCache(temporaryDirectory(), log);
    const copies = { fresh: published, stale: published, expired, empty: [], wrong }[cached];
    const fetchedAt = new Date(now.getTime() - AGE_HOURS[cached] * HOUR_MS);
    for (const item of copies) await cache.write({ ...item, fetchedAt });
    const { mirrors } = services;
    const fetch = createCollateralFetcher({ mirrors, caPem: undefined, now: () => now, sleep: async () => {}, log });
    const gather = createCollateralGatherer({ files: [], cache, fetch, now: () => now, log });
    const verdict = await judgeEvidence(evidence, gather, {
      at: now,
      roots,
      revocation: "required",
      collateral: "required",
      references: undefined,
      expected: {},
      supplied: [],
      signal: new AbortController().signal,
    });
    const used = (verdict.collateral ?? []).map(({ name, origin, note }) => [name, usedText(origin, note)]);
    return { outcome: verdict.outcome, requests: services.requests.length, used: Object.fromEntries(used) };
  } finally {
    services.stop();
  }
}

function usedText(origin: CollateralOrigin, note: string | undefined): string {
  return note === undefined ? origin : `${origin}+note`;
}
