import { describe, expect, test } from "bun:test";
import { Problems, ProblemsError, renderProblem } from "../../src/lib/problems.ts";
import { codeOf } from "../fakes/error-code.ts";

describe("renderProblem()", () => {
  test.each([
    [{ file: "a.yaml", line: 3, column: 7, path: "spec.x", object: "Pod p" }, "a.yaml:3:7: bad (Pod p, spec.x)"],
    [{ file: "a.yaml", column: 7 }, "a.yaml: bad"],
    [{ path: "spec.x" }, "bad (spec.x)"],
    [{}, "bad"],
  ])("renders %j", (place, expected) => {
    expect(renderProblem({ code: "lib/json-invalid", message: "bad", ...place })).toBe(expected);
  });
});

describe("Problems", () => {
  test("throws nothing while there are only warnings", () => {
    const problems = new Problems();
    problems.warn({ code: "lib/json-invalid", message: "bad" });
    expect(() => problems.throwIfAny("Cannot read")).not.toThrow();
  });

  test("throws all errors together under a code of their own", () => {
    const problems = new Problems();
    problems.error({ code: "lib/json-invalid", message: "one" });
    problems.error({ code: "lib/text-not-utf8", message: "two" });
    problems.warn({ code: "lib/text-not-utf8", message: "besides" });
    try {
      problems.throwIfAny("Cannot read");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ProblemsError);
      expect((error as ProblemsError).code).toBe("lib/input-problems");
      expect((error as ProblemsError).problems.map((problem) => problem.message)).toEqual(["one", "two"]);
      expect((error as ProblemsError).warnings.map((problem) => problem.message)).toEqual(["besides"]);
    }
  });

  test("keeps the code that all errors share", () => {
    const problems = new Problems();
    for (const message of ["one", "two"]) problems.error({ code: "policy/self-check-denied", message });
    expect(codeOf(() => problems.throwIfAny("Cannot generate"))).toBe("policy/self-check-denied");
  });

  test("keeps the code of a single error", () => {
    const problems = new Problems();
    problems.error({ code: "lib/text-not-utf8", message: "one" });
    try {
      problems.throwIfAny("Cannot read");
      expect.unreachable();
    } catch (error) {
      expect((error as ProblemsError).code).toBe("lib/text-not-utf8");
    }
  });
});
