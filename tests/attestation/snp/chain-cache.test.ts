import { describe, expect, test } from "bun:test";
import { createSnpChainCache } from "../../../src/attestation/snp/chain-cache.ts";
import { amdAuthority } from "../../fakes/amd-authority.ts";
import { amdChip } from "../../fakes/amd-chip.ts";
import { judgeSnp } from "../../fakes/snp-case.ts";
import { troubleOf } from "../../fakes/verdict-rows.ts";

const chip = amdChip();

describe("createSnpChainCache()", () => {
  test("changes no verdict, good or bad", () => {
    const chains = createSnpChainCache();
    const strange = amdAuthority("Milan", "strange").roots;
    const cases = [
      {},
      { evidence: chip.evidence({}, { leaf: chip.certificate({ hwId: new Uint8Array(64) }) }) },
      { evidence: chip.evidence({}, { leaf: Uint8Array.of(1) }) },
      { evidence: chip.evidence({ vmpl: 1 }) },
      { crl: chip.authority.crl({ revoked: ["ask"] }) },
      { crl: Uint8Array.of(1) },
      { crl: null },
      { options: { roots: strange } },
    ] as const;
    for (const _ of [1, 2]) {
      for (const snpCase of cases) {
        const options = "options" in snpCase ? snpCase.options : {};
        const usual = { chip, evidence: chip.evidence(), ...snpCase };
        expect(judgeSnp({ ...usual, options: { ...options, chains } })).toEqual(judgeSnp(usual));
      }
    }
  });

  test("keeps what roots of different products say apart", () => {
    const chains = createSnpChainCache();
    const { Milan } = chip.authority.roots;
    const roots = { ...chip.authority.roots, Genoa: Milan };
    const judged = (product: "Milan" | "Genoa"): string => {
      const evidence = chip.evidence({ version: 2 }, { product });
      return judgeSnp({ evidence, options: { chains, roots, expectations: undefined, revocation: "waived" } }).outcome;
    };
    expect([judged("Milan"), judged("Genoa"), judged("Milan")]).toEqual(["accepted", "rejected", "accepted"]);
  });

  test("does not keep dates from being judged", () => {
    const chains = createSnpChainCache();
    expect(judgeSnp({ options: { chains } }).outcome).toBe("accepted");
    const later = judgeSnp({ options: { chains, at: new Date("2046-01-01") } });
    expect(troubleOf(later)).toContain("authenticity chain.vcek.validity failed pki/certificate-expired");
    expect(troubleOf(later)).toContain("authenticity crl.next-update unknown pki/crl-expired");
  });

  test("makes a result once for each set of parts", () => {
    const { crls } = createSnpChainCache();
    const made: string[] = [];
    const remember = (...parts: string[]): unknown =>
      crls.remember(parts, () => {
        made.push(parts.join("+"));
        return { code: "snp/crl-missing", reason: parts.join() };
      });
    for (const _ of [1, 2]) {
      remember("ab", "c");
      remember("a", "bc");
      remember("abc");
    }
    expect(made).toEqual(["ab+c", "a+bc", "abc"]);
  });

  test("forgets the oldest entry beyond its size", () => {
    const { crls } = createSnpChainCache(2);
    const made: string[] = [];
    for (const name of ["a", "b", "c", "b", "c", "a"]) {
      crls.remember([name], () => {
        made.push(name);
        return { code: "snp/crl-missing" };
      });
    }
    expect(made).toEqual(["a", "b", "c", "a"]);
  });
});
