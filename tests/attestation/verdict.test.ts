import { describe, expect, test } from "bun:test";
import {
  type CheckGroup,
  type CheckOutcome,
  concludeVerdict,
  mapVerdict,
  refuseUnjudged,
} from "../../src/attestation/verdict.ts";

function group(name: string, ...outcomes: readonly CheckOutcome[]): CheckGroup {
  return { name, checks: outcomes.map((outcome, index) => ({ id: `c${index}`, subject: `check ${index}`, outcome })) };
}

describe("concludeVerdict()", () => {
  test.each([
    ["passed", "passed", "accepted"],
    ["waived", "not-judged", "accepted"],
    ["passed", "unknown", "unknown"],
    ["unknown", "failed", "rejected"],
    ["passed", "failed", "rejected"],
  ] as const)("of checks that %s and %s is %s", (first, second, outcome) => {
    expect(concludeVerdict(1, [group("authenticity", first, second)], undefined).outcome).toBe(outcome);
    expect(concludeVerdict(1, [group("authenticity", first), group("request", second)], undefined).outcome).toBe(
      outcome,
    );
  });

  test.each([
    [["failed", "passed"], "accepted"],
    [["failed", "failed"], "rejected"],
    [["failed", "unknown"], "unknown"],
    [["unknown", "passed"], "accepted"],
    [[], "rejected"],
  ] as const)("with alternatives that %p is %s", (outcomes, outcome) => {
    const alternatives = outcomes.map((each, index) => group(`snp-${index}`, each));
    expect(concludeVerdict(1, [group("authenticity", "passed")], alternatives).outcome).toBe(outcome);
  });

  test.each(["passed", "failed", "unknown"] as const)(
    "keeps remedies of alternatives only for evidence that is proven: %s",
    (outcome) => {
      const remedy = "Lower the minimum.";
      const [check] = group("snp-0", "failed").checks;
      const entries = [{ name: "snp-0", checks: [{ ...check!, remedy }] }];
      for (const required of [group("authenticity", outcome), group("request", outcome)]) {
        const { alternatives } = concludeVerdict(1, [group("authenticity", "passed"), required], entries);
        expect(alternatives?.[0]?.checks[0]).toEqual(outcome === "passed" ? { ...check!, remedy } : check!);
      }
    },
  );

  test("accepts no empty group", () => {
    expect(concludeVerdict(1, [group("authenticity")], undefined).outcome).toBe("rejected");
    expect(concludeVerdict(1, [group("authenticity", "passed")], [group("snp-0")]).outcome).toBe("rejected");
  });
});

describe("mapVerdict()", () => {
  test("keeps the answer and changes what was accepted", () => {
    const mapped = mapVerdict(concludeVerdict(1, [group("authenticity", "passed")], undefined), String);
    expect(mapped.outcome === "accepted" && mapped.evidence.value).toBe("1");
  });

  test.each(["failed", "unknown"] as const)("has nothing to change where a check %s", (outcome) => {
    const verdict = concludeVerdict(1, [group("authenticity", outcome)], undefined);
    expect(mapVerdict(verdict, () => expect.unreachable())).toEqual(verdict as never);
  });
});

describe("refuseUnjudged()", () => {
  test("is a refusal with one row", () => {
    const verdict = refuseUnjudged({ id: "form", subject: "Form" });
    expect([verdict.outcome, verdict.required]).toEqual([
      "rejected",
      [{ name: "evidence", checks: [{ id: "form", subject: "Form", outcome: "failed" }] }],
    ]);
  });
});
