import { describe, expect, test } from "bun:test";
import { parseDecision } from "../../src/rego/decision.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("parseDecision()", () => {
  test.each([true, false])("takes the boolean %p", (allowed) => {
    expect(parseDecision(allowed)).toEqual({ allowed, ops: [] });
  });

  test("takes an object, with changes of the state", () => {
    const ops = [
      { op: "add", path: "/pstate/a", value: { b: [1] } },
      { op: "remove", path: "/pstate/c~1d~0e" },
    ];
    expect(parseDecision({ allowed: true, ops })).toEqual({
      allowed: true,
      ops: [
        { op: "add", key: "a", value: { b: [1] } },
        { op: "remove", key: "c/d~e" },
      ],
    });
    expect(parseDecision({ allowed: true })).toEqual({ allowed: true, ops: [] });
  });

  test("drops the changes of a refused request", () => {
    expect(parseDecision({ allowed: false, ops: [{ op: "add", path: "/agent_policy", value: 1 }] }).ops).toEqual([]);
  });

  test.each([
    [undefined],
    [null],
    [0],
    ["true"],
    [[]],
    [{}],
    [{ allowed: 1 }],
    [{ allowed: null }],
    [{ allowed: true, ops: {} }],
  ])("refuses %p", (value) => {
    expect(codeOf(() => parseDecision(value))).toBe("rego/result-invalid");
  });

  test.each([
    null,
    {},
    { op: "replace", path: "/pstate/a", value: 1 },
    { op: "move", path: "/pstate/a", from: "/pstate/b" },
    { op: "add", path: "/pstate/a" },
    { op: "add", path: "/pstate", value: {} },
    { op: "add", path: "/pstate/", value: 1 },
    { op: "add", path: "/pstate/a/b", value: 1 },
    { op: "add", path: "/agent_policy/policy_data", value: 1 },
    { op: "add", path: "x/pstate/a", value: 1 },
    { op: "add", path: "/pstate/a~2", value: 1 },
    { op: "remove", path: "" },
    { op: "remove", path: 1 },
  ])("refuses the change %j", (operation) => {
    expect(codeOf(() => parseDecision({ allowed: true, ops: [operation] }))).toBe("rego/result-invalid");
  });
});
