import { describe, expect, test } from "bun:test";
import { renderCoverage, renderLcov, renderListing } from "../../../src/policy/policy-test/render-coverage.ts";
import { coverageOfRules } from "../../../src/policy/policy-test/rule-coverage.ts";
import { joinCoveredLines } from "../../../src/rego/regorus/covered-lines.ts";
import { CoveringEngine } from "../../../src/rego/regorus/covering-engine.ts";

const RULES = `package agent_policy

default A := false
A {
  input.x
  input.y

  input.z
}

B := 1
f(x) := x { input.b }
`;

const LINES = { covered: [3, 5, 11], notCovered: [6, 8, 12] };

describe("coverageOfRules()", () => {
  test("sums up lines by rule, with what is missing", () => {
    expect(coverageOfRules("a.rego", RULES, LINES)).toEqual({
      file: "a.rego",
      lines: 6,
      covered: 3,
      percent: 50,
      rules: [
        { name: "A", line: 3, lines: 1, covered: 1, missing: [] },
        { name: "A", line: 4, lines: 3, covered: 1, missing: [[6, 8]] },
        { name: "B", line: 11, lines: 1, covered: 1, missing: [] },
        { name: "f", line: 12, lines: 1, covered: 0, missing: [[12, 12]] },
      ],
    });
  });

  test("says 100 % only of all lines, and of no lines", () => {
    const almost = { covered: Array.from({ length: 9999 }, (_, index) => index + 1), notCovered: [10_000] };
    expect(coverageOfRules("a", "A", almost).percent).toBe(99.9);
    expect(coverageOfRules("a", "A", { covered: [], notCovered: [] }).percent).toBe(100);
  });
});

describe("joinCoveredLines()", () => {
  test("counts a line as covered that any part covered", () => {
    expect(joinCoveredLines([LINES, { covered: [12, 2], notCovered: [3] }])).toEqual({
      covered: [2, 3, 5, 11, 12],
      notCovered: [6, 8],
    });
  });
});

describe("reports of coverage", () => {
  test("name every rule that was not evaluated completely", () => {
    expect(renderCoverage(coverageOfRules("a.rego", RULES, LINES))).toEqual([
      "coverage of a.rego: 3 of 6 lines (50 %)",
      "  a.rego:4: A: 1 of 3 lines, not 6-8",
      "  a.rego:12: f: 0 of 1 lines, not 12",
    ]);
  });

  test("mark lines", () => {
    const marked = renderListing(RULES, LINES).split("\n");
    expect(marked.slice(2, 6)).toEqual(["+  3 default A := false", "   4 A {", "+  5   input.x", "-  6   input.y"]);
    expect(marked).toHaveLength(13);
  });

  test("are LCOV", () => {
    const records = renderLcov(coverageOfRules("a.rego", RULES, LINES), LINES).split("\n");
    expect(records).toEqual([
      "TN:contrast policy test",
      "SF:a.rego",
      "FN:3,A:3",
      "FN:4,A:4",
      "FN:11,B:11",
      "FN:12,f:12",
      "FNDA:1,A:3",
      "FNDA:1,A:4",
      "FNDA:1,B:11",
      "FNDA:0,f:12",
      "FNF:4",
      "FNH:3",
      "DA:3,1",
      "DA:5,1",
      "DA:6,0",
      "DA:8,0",
      "DA:11,1",
      "DA:12,0",
      "LF:6",
      "LH:3",
      "end_of_record",
      "",
    ]);
  });
});

describe("CoveringEngine.coverage()", () => {
  test("joins all sandboxes, and leaves out the data", async () => {
    const engine = await CoveringEngine.load(RULES);
    engine.open('{"a":\n1}').evaluate("A", {});
    engine.open("{}").evaluate("A", { x: 1 });
    const { covered, notCovered } = engine.coverage();
    expect(covered).toEqual([3, 5, 6]);
    expect(notCovered).toEqual([8, 11, 12]);
  });
});
