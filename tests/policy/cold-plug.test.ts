import { beforeAll, describe, expect, test } from "bun:test";
import { openPolicy } from "../../src/policy/open-policy.ts";
import { parseDenial } from "../../src/policy/explain/parse-denial.ts";
import { renderPolicy } from "../../src/policy/render-policy.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { selfCheckCases } from "../../src/policy/self-check/self-check-cases.ts";
import { PolicyEngine } from "../../src/rego/policy-engine.ts";
import { FEATURES } from "../fakes/pod-features.ts";
import { derive } from "../fakes/policy-input.ts";
import { coldPlugCases } from "../fakes/rule-cases/cold-plug.ts";

const cases = coldPlugCases.map((ruleCase) => [ruleCase.title, ruleCase] as const);

let compiled: PolicyEngine;
beforeAll(async () => {
  compiled = await PolicyEngine.load();
});

describe("policies of GPU pods", () => {
  test.each(cases)("%s: one check decides, in both engines", async (_title, { policy, last, allowed }) => {
    const data = JSON.stringify(policy);
    const { session } = await openPolicy(`${rulesText()}\npolicy_data := ${data}`, { engine: "guest" });
    const guest = session.evaluate(last.kind, last.request);
    expect([guest.allowed, compiled.open(data).decide(last.kind, last.request).allowed]).toEqual([allowed, allowed]);
    if (allowed) return;
    const blocked = `${last.kind} is blocked by policy: ${(guest.prints ?? []).join(" ")}`;
    const { refusals } = parseDenial(`"shim task: ${JSON.stringify(blocked).slice(1, -1)}"`);
    expect(refusals[0]?.checks).toHaveLength(1);
  });

  test("answer everything that a host may ask alike in both engines", async () => {
    const policy = await derive(FEATURES["several GPUs"]!, { profile: "metal" });
    const data = policy.data!;
    const { session } = await openPolicy(renderPolicy(rulesText(), data).text, { engine: "guest" });
    const asked = (await selfCheckCases({ ...policy, data })).filter(
      (each) => each.allowed || /GPU|annotation/.test(each.description),
    );
    const wrong = asked.filter(({ kind, request, allowed }) => session.decide(kind, request).allowed !== allowed);
    expect(wrong.map(({ description }) => description)).toEqual([]);
    expect(asked.filter(({ description }) => description.includes("GPU")).length).toBeGreaterThan(8);
  });
});
