import { describe, expect, test } from "bun:test";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { tdxEvidenceFromQuote } from "../../../src/attestation/tdx/tdx-evidence.ts";
import { embeddedTrustRoots } from "../../../src/attestation/trust-roots.ts";
import {
  type AvailabilityCase,
  type AvailabilityResult,
  CACHE_STATES,
  type CacheState,
  judgeAvailability,
  VENDOR_STATES,
  type VendorState,
} from "../../fakes/availability.ts";
import { createIntelPlatform } from "../../fakes/intel-platform.ts";

const NOW = new Date("2026-01-15T12:00:00Z");
const PAST = { thisUpdate: new Date("2025-11-01T00:00:00Z"), nextUpdate: new Date("2025-12-01T00:00:00Z") };
const DATES = { issueDate: "2025-11-01T00:00:00Z", nextUpdate: "2025-12-01T00:00:00Z" };

const platform = createIntelPlatform({ now: NOW });
const earlier = createIntelPlatform({ now: NOW, tcbInfo: DATES, qeIdentity: DATES, pckCrl: PAST, rootCrl: PAST });
const stranger = createIntelPlatform({ now: NOW, authority: "stranger" });

const tdxCase: AvailabilityCase = {
  evidence: { tee: "tdx", tdx: tdxEvidenceFromQuote(platform.quote()) },
  roots: { ...embeddedTrustRoots(), intel: platform.root, insecure: true },
  now: NOW,
  published: platform.collateralItems(),
  expired: earlier.collateralItems().map(withCurrentChain),
  wrong: stranger.collateralItems(),
};

/** The same keys signed it, but each platform has certificates of its own. */
function withCurrentChain(item: CollateralItem, index: number): CollateralItem {
  return { ...item, issuerChainPem: platform.collateralItems()[index]?.issuerChainPem };
}

const PIECES = ["TDX TCB info of FMSPC 90c06f000000", "TD QE identity", "PCK platform CA CRL", "Intel root CA CRL"];

/** All four pieces from one origin; the chain of the quote is always there. */
function result(
  outcome: AvailabilityResult["outcome"],
  origin: string | undefined,
  requests: number,
): AvailabilityResult {
  const gathered = PIECES.flatMap((name) => (origin === undefined ? [] : [[name, origin]]));
  const used = { "PCK certificate": "evidence", "PCK CA certificate": "evidence", ...Object.fromEntries(gathered) };
  return { outcome, requests, used };
}

/** Each of four pieces: one request where a valid copy is at hand, four where there is none. */
const EXPECTED: Readonly<Record<VendorState, Readonly<Record<CacheState, AvailabilityResult>>>> = {
  reachable: {
    fresh: result("accepted", "cache", 0),
    stale: result("accepted", "network", 4),
    expired: result("accepted", "network", 4),
    empty: result("accepted", "network", 4),
    wrong: result("accepted", "network", 4),
  },
  throttled: {
    fresh: result("accepted", "cache", 0),
    stale: result("accepted", "cache+note", 4),
    expired: result("unknown", "cache+note", 16),
    empty: result("unknown", undefined, 16),
    wrong: result("unknown", undefined, 16),
  },
  down: {
    fresh: result("accepted", "cache", 0),
    stale: result("accepted", "cache+note", 4),
    expired: result("unknown", "cache+note", 16),
    empty: result("unknown", undefined, 16),
    wrong: result("unknown", undefined, 16),
  },
};

describe("availability of TDX collateral", () => {
  const cells = VENDOR_STATES.flatMap((vendor) => CACHE_STATES.map((cache) => ({ vendor, cache })));

  test.each(cells)("vendor $vendor, cache $cache, PCK chain in the evidence as always", async ({ vendor, cache }) => {
    expect(await judgeAvailability(vendor, cache, tdxCase)).toEqual(EXPECTED[vendor][cache]);
  });
});
