import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { explainDenial } from "../../src/policy/explain/explain-denial.ts";
import { ExplainingSession } from "../../src/policy/explain/explaining-session.ts";
import { parseDenial } from "../../src/policy/explain/parse-denial.ts";
import { IS_CAMPAIGN } from "../fakes/campaign.ts";
import { genpolicyData, genpolicyNames } from "../fakes/genpolicy-data.ts";
import { isReady } from "../fakes/peers.ts";

const data = genpolicyData();
const names = genpolicyNames(data);
const options = { kind: undefined, container: undefined, object: undefined };

async function explainLog(name: string, log: string) {
  const session = await ExplainingSession.open(readFileSync(join(data, name, "policy.rego"), "utf8"));
  return await explainDenial(parseDenial(log), session, options, new AbortController().signal);
}

describe("explainDenial()", () => {
  const isThere = isReady("policies of genpolicy", names.length > 0, "need the sources of regorus 0.14.1");
  test.if(isThere)(
    "reads the logs of real agents, and compares policies of genpolicy with changed requests",
    async () => {
      for (const [index, name] of names.entries()) {
        if (!IS_CAMPAIGN && index % 6 !== 0) continue;
        const log = readFileSync(join(data, name, "inputs.txt"), "utf8");
        const genuine = await explainLog(name, log);
        expect([name, genuine.length > 10]).toEqual([name, true]);
        expect([name, genuine.filter(({ verdict }) => verdict !== "allowed")]).toEqual([name, []]);

        const changed = await explainLog(name, log.replaceAll(/"Cwd":"[^"]*"/g, '"Cwd":"/added"'));
        const creations = changed.filter(({ kind }) => kind === "CreateContainerRequest");
        expect(creations.length).toBeGreaterThan(0);
        for (const { verdict, isReason, faults, prints } of creations) {
          expect([name, verdict, isReason]).toEqual([name, "denied", false]);
          expect(faults.map(({ check }) => check)).toContain("cwd");
          expect(prints.length).toBeGreaterThan(0);
        }
      }
    },
    60_000,
  );
});
