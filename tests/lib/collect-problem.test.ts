import { describe, expect, test } from "bun:test";
import { collectProblem } from "../../src/lib/collect-problem.ts";
import { ContrastError } from "../../src/lib/errors.ts";
import { Problems, ProblemsError } from "../../src/lib/problems.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

describe("collectProblem()", () => {
  test("gives the value of a step that succeeds", async () => {
    const problems = new Problems();
    expect(await collectProblem(problems, () => 7)).toBe(7);
    expect(await collectProblem(problems, () => Promise.resolve(8))).toBe(8);
    expect(problems.errors).toEqual([]);
  });

  test("keeps code, whole message, hint and place of a failure", async () => {
    const problems = new Problems();
    const cause = new ContrastError("lib/file-unreadable", "no such file");
    const error = new ContrastError("lib/json-invalid", "Cannot read x", { cause, hint: "Do y." });
    expect(await collectProblem(problems, () => Promise.reject(error), { file: "x" })).toBeUndefined();
    const message = "Cannot read x: no such file";
    expect(problems.errors).toEqual([{ code: "lib/json-invalid", message, hint: "Do y.", file: "x" }]);
  });

  test("takes findings and warnings of a failure one by one", async () => {
    const problems = new Problems();
    const finding = { code: "lib/json-wrong-type", message: "m", path: "p" } as const;
    const warning = { code: "lib/json-invalid", message: "w" } as const;
    const step = (): never => {
      throw new ProblemsError("Cannot", [finding, { ...finding, file: "own" }], [warning]);
    };
    await collectProblem(problems, step, { file: "x" });
    expect(problems.errors).toEqual([
      { file: "x", ...finding },
      { ...finding, file: "own" },
    ]);
    expect(problems.warnings).toEqual([warning]);
  });

  test("tells warnings once that the step has told to the same collector", async () => {
    const problems = new Problems();
    const warning = { code: "lib/json-invalid", message: "w" } as const;
    const finding = { code: "lib/json-wrong-type", message: "m" } as const;
    const step = (): never => {
      problems.warn(warning);
      throw new ProblemsError("Cannot", [finding], problems.warnings);
    };
    await collectProblem(problems, step);
    expect([problems.warnings, problems.errors]).toEqual([[warning], [finding]]);
  });

  test("passes on what is no finding", async () => {
    const problems = new Problems();
    const interrupted = new ContrastError("lib/interrupted", "interrupted");
    expect(await codeOfAsync(() => collectProblem(problems, () => Promise.reject(interrupted)))).toBe(
      "lib/interrupted",
    );
    const defect = codeOfAsync(() => collectProblem(problems, () => Promise.reject(new Error("defect"))));
    expect(await defect).toBe("not a ContrastError: Error: defect");
  });
});
