import { describe, expect, test } from "bun:test";
import { openCollateralCache } from "../../src/attestation/collateral/collateral-cache.ts";
import { collateralSetOf } from "../../src/attestation/collateral/collateral-set.ts";
import { createCollateralGatherer } from "../../src/attestation/collateral/create-gatherer.ts";
import type { FetchCollateral } from "../../src/attestation/collateral/fetcher.ts";
import { judgeEvidence } from "../../src/attestation/judge-evidence.ts";
import { embeddedTrustRoots } from "../../src/attestation/trust-roots.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { AMD_TEST_TIME, amdChip, collateralItem } from "../fakes/amd-chip.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const chip = amdChip();
const EARLY = new Date("2025-02-01");
const LATE = new Date("2025-05-01");
const { authority } = chip;

type Place = "cache" | "file";

/**
 * Judges evidence with one list inside while another is at hand, in a cache or as a file that the user named.
 *
 * @returns outcome, codes of failed rows, and where the list that counts is from
 */
async function judgeWith(inside: Uint8Array, atHand: Uint8Array | undefined, place: Place): Promise<string> {
  const log = recordLog();
  const item = atHand && collateralItem({ kind: "amd-crl", product: "Milan", signingKey: "VCEK" }, atHand);
  const cache = openCollateralCache(temporaryDirectory(), log);
  if (item !== undefined && place === "cache") await cache.write({ ...item, fetchedAt: LATE });
  const asked: unknown[] = [];
  const fetch: FetchCollateral = async (need) => {
    asked.push(need);
    throw new ContrastError("lib/network-unreachable", "nobody is there");
  };
  const files = item !== undefined && place === "file" ? [item] : [];
  const gather = createCollateralGatherer({ files, cache, fetch, now: () => AMD_TEST_TIME, log });
  const verdict = await judgeEvidence({ tee: "snp", snp: chip.evidence({}, { crl: inside }) }, gather, {
    at: AMD_TEST_TIME,
    roots: { ...embeddedTrustRoots(), amd: authority.roots, insecure: true },
    revocation: "required",
    collateral: "required",
    references: undefined,
    expected: {},
    supplied: [],
    signal: new AbortController().signal,
  });
  expect(asked).toEqual([]);
  const failed = verdict.required.flatMap(({ checks }) => checks.filter(({ outcome }) => outcome === "failed"));
  const crl = verdict.collateral?.find(({ name }) => name.includes("CRL"));
  return [verdict.outcome, ...failed.map(({ code }) => code), crl?.origin].join(" ");
}

describe("judgeEvidence()", () => {
  const clean = authority.crl({ thisUpdate: EARLY });
  const revoking = { revoked: ["ask"] } as const;

  test.each(["cache", "file"] as const)(
    "lets no list of the evidence hide a revocation that a later one in the %s knows of",
    async (place) => {
      const later = authority.crl({ thisUpdate: LATE, ...revoking });
      expect(await judgeWith(clean, later, place)).toBe(`rejected snp/issuer-revoked ${place}`);
    },
  );

  test("goes by the list of the evidence where it is the latest, or the other is of no use", async () => {
    const accepted = "accepted evidence";
    const outdated = { thisUpdate: LATE, nextUpdate: new Date("2025-05-02"), ...revoking };
    expect(await judgeWith(clean, undefined, "file")).toBe(accepted);
    for (const place of ["cache", "file"] as const) {
      const older = authority.crl({ thisUpdate: new Date("2025-01-15"), ...revoking });
      expect(await judgeWith(clean, older, place)).toBe(accepted);
      expect(await judgeWith(clean, authority.crl(outdated), place)).toBe(accepted);
      const forged = authority.crl({ thisUpdate: LATE, signer: authority.ask, ...revoking });
      expect(await judgeWith(clean, forged, place)).toBe(accepted);
    }
  });

  test("gathers nothing for evidence that nothing could make acceptable, where it is to refuse early", async () => {
    const reportData = new Uint8Array(64).fill(7);
    const judge = async (bound: Uint8Array, refuseEarly: boolean): Promise<string> => {
      let gathered = 0;
      const gather = async () => {
        gathered++;
        return collateralSetOf(chip.collateralItems());
      };
      const evidence = chip.evidence({ reportData: bound }, { leaf: false });
      const verdict = await judgeEvidence({ tee: "snp", snp: evidence }, gather, {
        at: AMD_TEST_TIME,
        roots: { ...embeddedTrustRoots(), amd: authority.roots, insecure: true },
        revocation: "required",
        collateral: "required",
        references: undefined,
        expected: { reportData },
        supplied: [],
        signal: new AbortController().signal,
        refuseEarly,
      });
      return `${verdict.outcome} ${gathered}`;
    };
    expect(await judge(new Uint8Array(64), true)).toBe("rejected 0");
    expect(await judge(new Uint8Array(64), false)).toBe("rejected 1");
    expect(await judge(reportData, true)).toBe("accepted 1");
  });
});
