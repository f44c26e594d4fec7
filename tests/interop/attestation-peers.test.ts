import { describe, expect, test } from "bun:test";
import { hasPrograms } from "../fakes/peers.ts";
import { vectorsFolder } from "../fakes/vectors.ts";
import { askPeers } from "./attestation-peers/ask-peers.ts";
import { editedTdxCases } from "./attestation-peers/edited-tdx-cases.ts";
import { askOurselves, type JudgedCase } from "./attestation-peers/judged-case.ts";
import { explanationOf, KNOWN_DIFFERENCES } from "./attestation-peers/known-differences.ts";
import { createDice } from "./attestation-peers/mutations.ts";
import { ACCEPTED_SIMULATED_CASES, simulatedCases } from "./attestation-peers/simulated-cases.ts";
import { editedSnpCases, mutatedSnpCases, snpVectorCases } from "./attestation-peers/snp-cases.ts";
import { mutatedTdxCases, tdxVectorCases } from "./attestation-peers/tdx-cases.ts";

const SEED = 20_261_123;
const SNP = vectorsFolder("snp");
const TDX = vectorsFolder("tdx");
const ATLS = vectorsFolder("atls");

/** How often both sides accepted, how often neither, and the names of the differences. */
interface Comparison {
  readonly both: number;
  readonly neither: number;
  readonly differences: readonly string[];
}

/** Judges all cases on both sides and throws where the answers differ without an explanation. */
function compare(cases: readonly JudgedCase[]): Comparison {
  const theirs = askPeers(cases.map(({ peer }) => peer));
  expect(theirs).toHaveLength(cases.length);
  const counts = { both: 0, neither: 0 };
  const explained = new Set<string>();
  const unexplained: string[] = [];
  for (const [index, one] of cases.entries()) {
    const ours = askOurselves(one);
    const reason = theirs[index];
    if (ours.accepted === (reason === undefined)) {
      counts[ours.accepted ? "both" : "neither"]++;
      continue;
    }
    const known = explanationOf(one, ours, reason);
    if (known === undefined) {
      const own = ours.accepted ? "accept" : `refuse (${ours.reasons.join(", ")})`;
      unexplained.push(`${one.label}: we ${own}, the library: ${reason ?? "accepts"}`);
      continue;
    }
    explained.add(known.name);
  }
  if (unexplained.length > 0) throw new Error(`seed ${SEED}\n${unexplained.join("\n")}`);
  return { ...counts, differences: [...explained] };
}

function vectors(): readonly JudgedCase[] {
  return [...snpVectorCases(SNP!, ATLS!), ...tdxVectorCases(TDX!, ATLS!)];
}

describe.if(hasPrograms("attestation against the libraries of Google", "go"))("verifySnp() and verifyTdx()", () => {
  // The first build on a machine compiles Go's standard library too.
  test("agree with go-sev-guest and go-tdx-guest on machines that the product simulates", async () => {
    const { both, differences } = compare(await simulatedCases());
    expect({ both, differences }).toEqual({ both: ACCEPTED_SIMULATED_CASES, differences: [] });
  }, 180_000);

  describe.if(SNP !== undefined && TDX !== undefined && ATLS !== undefined)("with the shared vectors", () => {
    // The first build on a machine compiles Go's standard library too.
    test("agree with go-sev-guest and go-tdx-guest on all of them", () => {
      const { both, neither } = compare(vectors());
      expect(both).toBeGreaterThan(20);
      expect(neither).toBeGreaterThan(50);
    }, 180_000);

    test("agree with them on 1,000 mutated ones, but for what is listed", () => {
      const dice = createDice(SEED);
      const snp = [...mutatedSnpCases(SNP!, ATLS!, dice), ...editedSnpCases(dice)];
      const tdx = [...mutatedTdxCases(TDX!, ATLS!, dice), ...editedTdxCases(dice)];
      expect(snp.length).toBeGreaterThanOrEqual(500);
      expect(tdx.length).toBeGreaterThanOrEqual(500);
      const { both, differences } = compare([...vectors(), ...snp, ...tdx]);
      expect(both).toBeGreaterThan(50);
      expect(differences.toSorted()).toEqual(KNOWN_DIFFERENCES.map(({ name }) => name).toSorted());
    }, 60_000);
  });
});
