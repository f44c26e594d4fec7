import { describe, expect, test } from "bun:test";
import { logWarnings } from "../../src/commands/log-warnings.ts";
import { createLogger } from "../../src/lib/log.ts";
import type { Problem } from "../../src/lib/problems.ts";

function logged(...warnings: readonly Problem[]): readonly string[] {
  const lines: string[] = [];
  logWarnings(
    warnings,
    createLogger(
      0,
      (line) => lines.push(line.replace(/^time=\S+ /, "")),
      () => new Date(0),
    ),
  );
  return lines;
}

describe("logWarnings()", () => {
  const warning: Problem = {
    code: "lib/json-invalid",
    message: "bad",
    file: "a.yaml",
    line: 3,
    column: 7,
    path: "spec",
  };

  test("names place, object, path and hint", () => {
    expect(logged({ ...warning, object: "Pod p", hint: "Fix it." })).toEqual([
      'level=WARN msg=bad place=a.yaml:3:7 object="Pod p" path=spec hint="Fix it."',
    ]);
  });

  test("tells once what is the same at several places", () => {
    const other: Problem = { ...warning, message: "worse", path: "" };
    expect(logged(warning, other, { ...warning, line: 9 }, { ...warning, file: "b.yaml" })).toEqual([
      "level=WARN msg=bad place=a.yaml:3:7 path=spec morePlaces=2",
      "level=WARN msg=worse place=a.yaml:3:7",
    ]);
  });
});
