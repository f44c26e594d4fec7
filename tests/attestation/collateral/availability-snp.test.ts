import { describe, expect, test } from "bun:test";
import type { CollateralItem } from "../../../src/attestation/collateral-need.ts";
import { embeddedTrustRoots } from "../../../src/attestation/trust-roots.ts";
import { AMD_TEST_TIME, type AmdChip, amdAuthority, amdChip, type EvidenceParts } from "../../fakes/amd-chip.ts";
import {
  type AvailabilityCase,
  type AvailabilityResult,
  CACHE_STATES,
  type CacheState,
  judgeAvailability,
  VENDOR_STATES,
  type VendorState,
} from "../../fakes/availability.ts";

const chip = amdChip();
const authority = chip.authority;
const stranger = amdChip({ authority: amdAuthority("Milan", "stranger") });
const PASSED = { thisUpdate: new Date("2025-01-01"), nextUpdate: new Date("2025-05-25") };

function snpCase(parts: EvidenceParts): AvailabilityCase {
  return {
    evidence: { tee: "snp", snp: chip.evidence({}, parts) },
    roots: { ...embeddedTrustRoots(), amd: authority.roots, insecure: true },
    now: AMD_TEST_TIME,
    published: itemsOf(chip),
    expired: itemsOf(chip, authority.crl(PASSED)),
    wrong: itemsOf(stranger),
  };
}

function itemsOf(of: AmdChip, crl = of.authority.crl()): readonly CollateralItem[] {
  return of.collateralItems({ crl });
}

const VCEK = `VCEK of Milan chip ${chip.chipId.toHex().slice(0, 16)}… at TCB 4.2.24.217`;
const CRL = "VCEK CRL of Milan";

function accepted(vcek: string, crl: string, requests: number): AvailabilityResult {
  return { outcome: "accepted", requests, used: { [VCEK]: vcek, [CRL]: crl } };
}

/** One request where a valid copy is at hand, four where there is none: for the CRL, and for the VCEK if that is missing. */
const BARE: Readonly<Record<VendorState, Readonly<Record<CacheState, AvailabilityResult>>>> = {
  reachable: {
    fresh: accepted("cache", "cache", 0),
    stale: accepted("cache", "network", 1),
    expired: accepted("cache", "network", 1),
    empty: accepted("network", "network", 2),
    wrong: accepted("network", "network", 2),
  },
  throttled: {
    fresh: accepted("cache", "cache", 0),
    stale: accepted("cache", "cache+note", 1),
    expired: { outcome: "unknown", requests: 4, used: { [VCEK]: "cache", [CRL]: "cache+note" } },
    empty: { outcome: "unknown", requests: 8, used: {} },
    wrong: { outcome: "unknown", requests: 8, used: {} },
  },
  down: {
    fresh: accepted("cache", "cache", 0),
    stale: accepted("cache", "cache+note", 1),
    expired: { outcome: "unknown", requests: 4, used: { [VCEK]: "cache", [CRL]: "cache+note" } },
    empty: { outcome: "unknown", requests: 8, used: {} },
    wrong: { outcome: "unknown", requests: 8, used: {} },
  },
};

function endorsed(outcome: AvailabilityResult["outcome"], crl: string | undefined, requests: number) {
  return { outcome, requests, used: { VCEK: "evidence", ...(crl === undefined ? {} : { [CRL]: crl }) } };
}

const ENDORSED: Readonly<Record<VendorState, Readonly<Record<CacheState, AvailabilityResult>>>> = {
  reachable: {
    fresh: endorsed("accepted", "cache", 0),
    stale: endorsed("accepted", "network", 1),
    expired: endorsed("accepted", "network", 1),
    empty: endorsed("accepted", "network", 1),
    wrong: endorsed("accepted", "network", 1),
  },
  throttled: {
    fresh: endorsed("accepted", "cache", 0),
    stale: endorsed("accepted", "cache+note", 1),
    expired: endorsed("unknown", "cache+note", 4),
    empty: endorsed("unknown", undefined, 4),
    wrong: endorsed("unknown", undefined, 4),
  },
  down: {
    fresh: endorsed("accepted", "cache", 0),
    stale: endorsed("accepted", "cache+note", 1),
    expired: endorsed("unknown", "cache+note", 4),
    empty: endorsed("unknown", undefined, 4),
    wrong: endorsed("unknown", undefined, 4),
  },
};

const CELLS = VENDOR_STATES.flatMap((vendor) => CACHE_STATES.map((cache) => ({ vendor, cache })));

describe("availability of SNP collateral", () => {
  test.each(CELLS)("vendor $vendor, cache $cache, no endorsements in the evidence", async ({ vendor, cache }) => {
    expect(await judgeAvailability(vendor, cache, snpCase({ leaf: false }))).toEqual(BARE[vendor][cache]);
  });

  test.each(CELLS)("vendor $vendor, cache $cache, endorsements in the evidence", async ({ vendor, cache }) => {
    const machine = snpCase({ leaf: true, chain: true });
    expect(await judgeAvailability(vendor, cache, machine)).toEqual(ENDORSED[vendor][cache]);
  });

  test.each(CELLS)("vendor $vendor, cache $cache, endorsements and CRL in the evidence", async ({ vendor, cache }) => {
    const machine = snpCase({ leaf: true, chain: true, crl: authority.crl() });
    const { outcome, requests, used } = await judgeAvailability(vendor, cache, machine);
    expect({ outcome, requests, origins: Object.values(used) }).toEqual({
      outcome: "accepted",
      requests: 0,
      origins: ["evidence", "evidence"],
    });
  });
});
