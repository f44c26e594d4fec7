import { beforeAll, describe, expect, test } from "bun:test";
import { REQUEST_SHAPES } from "../../src/policy/request-schema.ts";
import { rulesText } from "../../src/policy/rules-text.ts";
import { PolicyEngine } from "../../src/rego/policy-engine.ts";
import { RULE_CASES } from "../fakes/rule-cases.ts";

let engine: PolicyEngine;
beforeAll(async () => {
  engine = await PolicyEngine.load();
});

describe("policy/rules.rego", () => {
  test("has a rule for every request of the agent, and for nothing else", () => {
    expect([...engine.kinds].toSorted()).toEqual(Object.keys(REQUEST_SHAPES).toSorted());
  });

  test("stays small, because every pod carries it", () => {
    expect(rulesText().length).toBeLessThan(27_000);
  });

  test.each(RULE_CASES.map((ruleCase) => [ruleCase.allowed ? "allows" : "denies", ruleCase.title, ruleCase] as const))(
    "%s %s",
    (_verdict, _title, { policy, first, last, allowed }) => {
      const session = engine.open(JSON.stringify(policy));
      for (const { kind, request } of first) expect(session.decide(kind, request).allowed).toBe(true);
      expect(session.decide(last.kind, last.request).allowed).toBe(allowed);
    },
  );
});
