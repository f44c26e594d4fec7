import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { entryPointsOf, moduleOfBundle } from "../../scripts/policy-wasm/bundle.ts";
import { mapPool } from "../../src/lib/pool.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { compileOpaModule } from "../../src/rego/opa-module.ts";
import { PolicyEngine } from "../../src/rego/policy-engine.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { hasOpa, OPA } from "../fakes/peers.ts";
import { RULE_CASES } from "../fakes/rule-cases.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

/** Lines that only save work: what they skip would not change a verdict. */
const WITHOUT_EFFECT = [
  'contains(p, "$(")',
  "bundle_id(p)",
  "own == name",
  "spans_lines(list)",
  'overlay.driver == "overlayfs"',
  "not regex.match(plain_text, text)",
];

/** Lines that say what others imply: which storages are of images follows from their file systems as well. */
const IMPLIED = ['i.driver == "image_guest_pull"', "is_volume(s)"];

interface Mutant {
  /** Numbers count from 1. */
  readonly line: number;
  readonly check: string;
  readonly rules: string;
}

/** Rules that only tell which checks have failed. */
const TELLING = /^(?:checks|state_checks|container_refusal|exec_refusal)\b/;

/** The rules without one condition: a line in the body of a rule, or a rule of one line. */
function mutantsOf(rules: string): readonly Mutant[] {
  const lines = rules.split("\n");
  let rule = "";
  return lines.flatMap((line, index) => {
    if (/^\w/.test(line)) rule = line;
    if (TELLING.test(rule)) return [];
    const isCondition = /^\t[^#\])}]/.test(line) && !line.endsWith("{");
    const isRule = /^[^\s#].* if (?:every .*\}|[^{]*)$|^\w+\["\w+"\] \{.*\}$/.test(line);
    if (!isCondition && !isRule) return [];
    const others = lines.filter((_, other) => other !== index);
    return [{ line: index + 1, check: line.trim(), rules: others.join("\n") }];
  });
}

/** Undefined for rules that do not compile. */
async function compile(rules: string, folder: string): Promise<PolicyEngine | undefined> {
  mkdirSync(folder);
  const [source, bundle] = [join(folder, "rules.rego"), join(folder, "bundle.tar.gz")];
  writeFileSync(source, rules);
  const entries = entryPointsOf(rules).flatMap((name) => ["-e", `agent_policy/${name}`]);
  const words = ["build", "--v0-compatible", "-t", "wasm", ...entries, "-o", bundle, source];
  const status = await Bun.spawn([OPA, ...words], { stdio: ["ignore", "ignore", "ignore"] }).exited;
  return status === 0 ? await PolicyEngine.load(compileOpaModule(await moduleOfBundle(bundle))) : undefined;
}

/** Cases of the same policy share a session, because loading a policy takes longer than deciding. */
const casesByPolicy = Map.groupBy(RULE_CASES, ({ policy }) => JSON.stringify(policy));

/** Whether some case has another verdict than with the whole rules. */
function isNoticed(engine: PolicyEngine): boolean {
  return casesByPolicy.entries().some(([policy, cases]) => {
    const session = engine.open(policy);
    return cases.some(({ first, last, allowed }) => {
      try {
        session.reset();
        const isPrepared = first.every(({ kind, request }) => session.decide(kind, request).allowed);
        return !isPrepared || session.decide(last.kind, last.request).allowed !== allowed;
      } catch {
        return true;
      }
    });
  });
}

/** Compiling all of them takes a minute or two, so one in 32 stands for them. */
const STRIDE = IS_CAMPAIGN ? 1 : 32;

describe.if(hasOpa("rules with one check less"))("policy/rules.rego", () => {
  test(
    "has a case for every condition: without it, a verdict is wrong",
    async () => {
      const all = mutantsOf(rulesText());
      expect(all.length).toBeGreaterThan(200);
      const mutants = all.filter((_, index) => index % STRIDE === 0);
      const folder = temporaryDirectory();
      const unnoticed = await mapPool(mutants, 3, async ({ line, check, rules }) => {
        const engine = await compile(rules, join(folder, String(line)));
        return engine === undefined || isNoticed(engine) ? [] : [check];
      });
      const tried = new Set(mutants.map(({ check }) => check));
      const expected = [...WITHOUT_EFFECT, ...IMPLIED].filter((check) => tried.has(check));
      expect(unnoticed.flat().toSorted()).toEqual(expected.toSorted());
    },
    CAMPAIGN_TIMEOUT_MS,
  );
});
