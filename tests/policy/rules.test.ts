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
    expect(rulesText().length).toBeLessThan(37_000);
  });

  test("names every check of a container, in the order of the decision", () => {
    const [, conjunction] = /^container_ok\(p\) if \{\n(.*?)\n\}/ms.exec(rulesText()) ?? [];
    const [, table] = /^checks\(p\) := \[\n(.*?)\n\]/ms.exec(rulesText()) ?? [];
    const names = conjunction?.split("\n").map((line) => /^\t(\w+)_ok\(p\)$/.exec(line)?.[1]);
    expect(names?.length).toBe(29);
    expect(table?.split("\n")).toEqual(names!.map((name) => `\t["${name}", [1 | ${name}_ok(p)]],`));
  });

  test.each(
    [...rulesText().matchAll(/^(?!failed)(\w+)_checks := \[(.*?)\]/gms)].map(
      ([, group, list]) => [group!, list!] as const,
    ),
  )("asks for every check of the group %s", (group, list) => {
    const defined = [...rulesText().matchAll(new RegExp(`^${group}_check\\("(\\w+)"`, "gm"))].map(([, name]) => name!);
    const asked = [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name!);
    expect(asked).toEqual([...new Set(defined)]);
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
