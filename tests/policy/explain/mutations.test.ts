import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isCheck } from "../../../src/policy/explain/guide-of.ts";
import { ExplainingSession } from "../../../src/policy/explain/explaining-session.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { FEATURES } from "../../fakes/pod-features.ts";
import { IMAGE_FACTS } from "../../fakes/policy-input.ts";
import { explain, explainedPolicy } from "./explained-policy.ts";
import { FIXED_MUTATIONS, MUTATION_CHECKS } from "./mutation-checks.ts";
import { mutationsIn, renderMutationTables, withMutations } from "./mutation-page.ts";

const PAGE = join(import.meta.dir, "../../../docs/policy-explain.md");

/** Pods that together provoke every forgery; a campaign takes all features. */
const SAMPLE = [
  "metal plain",
  "metal no namespace",
  "metal privileges",
  "metal volumes",
  "metal several GPUs",
  "upstream environment",
  "upstream volumes",
  "aks plain",
];

/** Facts with layers, which policies of AKS name. */
const LAYERED = Object.fromEntries(
  Object.entries(IMAGE_FACTS).map(([reference, facts], image) => {
    const layers = ["a", "b"].map((digit, index) => ({
      diffId: `sha256:${digit.repeat(64)}`,
      rootHash: String(2 * image + index + 1).repeat(64),
    }));
    return [reference, { ...facts, layers }];
  }),
);

/** Which check was told first, by kind and by what was forged. */
const told = new Map<string, Set<string>>();
/** Requests that explanation and self-check judge differently. */
const wrong: string[] = [];
/** Failing checks of which no element with both sides was told. */
const unexplained = new Set<string>();

beforeAll(async () => {
  for (const profile of ["metal", "upstream", "aks"] as const) {
    for (const [name, yaml] of Object.entries(FEATURES)) {
      if (!IS_CAMPAIGN && !SAMPLE.includes(`${profile} ${name}`)) continue;
      const policy = await explainedPolicy(yaml, { profile, facts: LAYERED });
      const session = await ExplainingSession.open(policy.text);
      for (const { kind, request, description, allowed } of policy.cases) {
        const { verdict, faults } = await explain(policy, { kind, request }, session);
        if ((verdict === "allowed") !== allowed || verdict === "unknown") wrong.push(description);
        if (allowed) continue;
        const key = `${kind} ${description.slice(description.indexOf(": ") + 2)}`;
        told.set(key, (told.get(key) ?? new Set()).add(faults[0]?.check ?? "nothing"));
        for (const { check, findings } of faults) if (findings.length === 0) unexplained.add(`${key}: ${check}`);
      }
    }
  }
}, CAMPAIGN_TIMEOUT_MS);

describe("explainRequest()", () => {
  test("agrees with the self-check about every request", () => {
    expect(wrong).toEqual([]);
  });

  test("tells the right check first for every forged request of the self-check", () => {
    const mistaken = [...told].flatMap(([key, checks]) => {
      const [kind = "", ...words] = key.split(" ");
      const title = words.join(" ");
      const wanted = MUTATION_CHECKS[kind]?.[title] ?? [FIXED_MUTATIONS[title]];
      return [...checks].filter((check) => !wanted.includes(check)).map((check) => `${key}: ${check}`);
    });
    expect(mistaken).toEqual([]);
  });

  test("has no entry for a forgery that the self-check does not make", () => {
    const keys = Object.entries(MUTATION_CHECKS).flatMap(([kind, rows]) =>
      Object.keys(rows).map((row) => `${kind} ${row}`),
    );
    expect(keys.filter((key) => !told.has(key))).toEqual([]);
    expect(keys.length).toBeGreaterThan(100);
  });

  test("shows an element for every failing check", () => {
    expect([...unexplained]).toEqual([]);
  });
});

describe("docs/policy-explain.md", () => {
  test("names only checks that the rules have", () => {
    const names = Object.values(MUTATION_CHECKS).flatMap((rows) => Object.values(rows).flat());
    expect(names.filter((name) => !isCheck(name))).toEqual([]);
  });

  test("lists every forgery with its check and what to change", () => {
    const page = readFileSync(PAGE, "utf8");
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(PAGE, withMutations(page, renderMutationTables()));
    expect(mutationsIn(readFileSync(PAGE, "utf8"))).toBe(renderMutationTables());
  });
});
