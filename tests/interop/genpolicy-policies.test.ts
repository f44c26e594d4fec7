import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { evaluateRequest } from "../../src/policy/evaluate-request.ts";
import { openPolicy } from "../../src/policy/open-policy.ts";
import { parseRequests } from "../../src/policy/parse-requests.ts";
import { IS_CAMPAIGN } from "../fakes/campaign.ts";
import { genpolicyData, genpolicyNames } from "../fakes/genpolicy-data.ts";
import { isReady } from "../fakes/peers.ts";

const data = genpolicyData();
const names = genpolicyNames(data);

describe("policies that genpolicy made", () => {
  test.if(isReady("policies of genpolicy", names.length > 0, "need the sources of regorus 0.14.1"))(
    "get the verdicts and print the lines that are written down beside them",
    async () => {
      let total = 0;
      for (const [index, name] of names.entries()) {
        if (!IS_CAMPAIGN && index % 4 !== 0) continue;
        const read = (file: string): string => readFileSync(join(data, name, file), "utf8");
        const { session, rules, kinds } = await openPolicy(read("policy.rego"));
        expect([name, rules, kinds.includes("CreateContainerRequest")]).toEqual([name, "other", true]);
        const requests = parseRequests(read("inputs.txt"), name, undefined);
        const values = JSON.parse(read("outputs.json")) as unknown[];
        const prints = JSON.parse(read("prints.json")) as string[][];
        const evaluated = requests.map((request) => evaluateRequest(session, request, true));
        const verdicts = evaluated.map(({ verdict }) => verdict);
        expect([name, ...verdicts]).toEqual([name, ...values.map((value) => (value === true ? "allow" : "deny"))]);
        // The texts name the policy by the path that it had there.
        const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/^\S*?(?=:\d+: )/, ""));
        const printed = evaluated.map(({ decision }) => plain(decision?.prints ?? []));
        expect([name, printed]).toEqual([name, prints.map(plain)]);
        total += requests.length;
      }
      expect(total).toBeGreaterThan(IS_CAMPAIGN ? 400 : 100);
    },
    60_000,
  );
});
