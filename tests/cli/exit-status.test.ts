import { describe, expect, test } from "bun:test";
import { EXIT_STATUS } from "../../src/cli/exit-status-table.ts";
import { errorClassOf } from "../../src/cli/error-class.ts";
import { exitStatusOf } from "../../src/cli/exit-status.ts";
import { ContrastError, inContext } from "../../src/lib/errors.ts";
import { ProblemsError } from "../../src/lib/problems.ts";
import { UsageError } from "../../src/terminal/usage-error.ts";

const usage = new UsageError("terminal/unknown-flag", "unknown flag: --x");
const input = new ContrastError("lib/json-invalid", "Cannot read");
const interrupted = new ContrastError("lib/interrupted", "interrupted");
const problems = new ProblemsError("Cannot patch", [
  { code: "lib/json-invalid", message: "one" },
  { code: "lib/text-not-utf8", message: "two" },
]);

describe("exitStatusOf()", () => {
  test.each([usage, input, interrupted, problems, new TypeError("x"), "thrown text", undefined])(
    "is 1 for %p in the default mode",
    async (error) => {
      expect(await exitStatusOf(error, "text")).toBe(1);
    },
  );

  test.each(["text", "json"] as const)(
    "is that of a comparing command for every error, with %s output",
    async (format) => {
      const command = { name: "diff", summary: "Compare", troubleStatus: 2 };
      for (const error of [usage, input, interrupted]) expect(await exitStatusOf(error, format, command)).toBe(2);
    },
  );

  test("is that of a comparing flag only where the words have it", async () => {
    const command = { name: "generate", summary: "Make", troubleStatus: 2, troubleFlag: "check" };
    for (const args of [["--check"], ["--check=true", "x"], ["--bad", "--check"]]) {
      expect(await exitStatusOf(input, "text", command, args)).toBe(2);
    }
    for (const args of [[], ["check"], ["--", "--check"], ["--check=false"]]) {
      expect(await exitStatusOf(input, "text", command, args)).toBe(1);
    }
    expect(await exitStatusOf(input, "json", command)).toBe(7);
  });

  test.each([
    [usage, 2],
    [input, 7],
    [inContext(input, "patch targets", "lib/internal"), 7],
    [problems, 7],
    [interrupted, 130],
    [new TypeError("x"), 70],
    ["thrown text", 70],
  ])("follows the class of %p with structured output", async (error, status) => {
    expect(await exitStatusOf(error, "json")).toBe(status);
  });
});

describe("EXIT_STATUS", () => {
  test("has a status of its own for each class", () => {
    const statuses = Object.values(EXIT_STATUS);
    expect(new Set(statuses).size).toBe(statuses.length);
    expect(statuses.every((status) => status > 1 && status < 256)).toBe(true);
  });
});

describe("errorClassOf()", () => {
  test("is that of the code, and internal for what has none", () => {
    expect([usage, input, new TypeError("x"), undefined].map(errorClassOf)).toEqual([
      "usage",
      "input",
      "internal",
      "internal",
    ]);
  });
});
