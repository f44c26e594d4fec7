import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lintWithOwnRules, readOwnRules } from "../../src/lint/own-rules.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { LINT_OPTIONS, podYaml, showFinding } from "../fakes/lint.ts";
import { objectsFrom } from "../fakes/objects.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const objects = objectsFrom(podYaml({ metadata: "labels: {app: web}" }));
const SECRET = objectsFrom(
  "{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: aHVudGVyMg==}, stringData: {b: hunter2}}",
);

const lint = async (text: string, of = objects): Promise<readonly string[]> =>
  (await lintWithOwnRules(of, LINT_OPTIONS, [{ path: "rules/a.rego", text }])).map(
    (finding) => `${showFinding(finding)}: ${finding.message}`,
  );

const rule = (body: string): string => `package team\n\nimport rego.v1\n\n${body}\n`;
const FOUND = '{"rule": "x-a", "severity": "info", "object": 0, "path": [], "message": "m"}';

describe("lintWithOwnRules()", () => {
  test("runs the example of the documentation", async () => {
    const page = readFileSync(join(import.meta.dir, "..", "..", "docs", "lint.md"), "utf8");
    const [, example = ""] = /```rego\n(.*?)```/s.exec(page) ?? [];
    expect(await lint(example)).toEqual(['x-team-label metadata.labels: workload "web" names no team']);
    const labelled = objectsFrom(podYaml({ metadata: "labels: {team: a}" }));
    expect(await lint(example, labelled)).toEqual([]);
  });

  test("takes packages of any name, comments before them, and files that find nothing", async () => {
    expect(await lint(`# a\n\n  package a.b.c\nimport rego.v1\nfindings contains ${FOUND}\n`)).toEqual(["x-a : m"]);
    expect(await lint(rule(`findings := [${FOUND}]`))).toEqual(["x-a : m"]);
    expect(await lint(rule("other := 1"))).toEqual([]);
  });

  test("keeps what is in Secrets to itself, and gives whole objects otherwise", async () => {
    const told = `findings contains {"rule": "x-a", "severity": "info", "object": 0, "path": [], "message": json.marshal(input.objects)} if true`;
    const [text = ""] = await lint(rule(told), SECRET);
    expect(text).toContain('"Secret"');
    expect(text).not.toContain("hunter2");
    expect(text).not.toContain("aHVudGVyMg");
  });

  test("names file and line of what is no Rego", async () => {
    const refused = lint("package team\n\nimport rego.v1\n\nfindings contains x if {\n  x ==\n}\n");
    const error: unknown = await refused.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "lint/rules-invalid" });
    expect(String(error)).toContain("rules/a.rego:7:1");
  });

  test.each([
    ["no package", "import rego.v1\n"],
    ["functions that do not exist", rule("findings contains x if x := no.such(1)")],
    ["two values of one rule", rule("findings := [] \nfindings := [1] if input.options")],
  ])("refuses %s", async (_title, text) => {
    expect(await codeOfAsync(() => lint(text))).toBe("lint/rules-invalid");
  });

  test.each([["sets that never end", rule("findings contains x if { some x in numbers.range(1, 100000000) }")]])(
    "ends %s",
    async (_title, text) => {
      expect(await codeOfAsync(() => lint(text))).toBe("rego/limit-exceeded");
    },
  );

  test("refuses findings of another shape", async () => {
    expect(await codeOfAsync(() => lint(rule("findings := 1")))).toBe("lint/result-invalid");
  });
});

describe("readOwnRules()", () => {
  test("reads .rego files in order, without their tests", async () => {
    const folder = temporaryDirectory();
    for (const name of ["b.rego", "a.rego", "a_test.rego", "c.txt"]) writeFileSync(join(folder, name), name);
    const files = await readOwnRules(folder);
    expect(files.map(({ text }) => text)).toEqual(["a.rego", "b.rego"]);
  });

  test("refuses directories without rules, with too many, and none at all", async () => {
    const folder = temporaryDirectory();
    expect(await codeOfAsync(() => readOwnRules(folder))).toBe("lint/rules-invalid");
    expect(await codeOfAsync(() => readOwnRules(join(folder, "missing")))).toBe("lint/rules-invalid");
    mkdirSync(join(folder, "odd", "x.rego"), { recursive: true });
    expect(await codeOfAsync(() => readOwnRules(join(folder, "odd")))).toBe("lint/rules-invalid");
    mkdirSync(join(folder, "many"));
    for (let index = 0; index < 201; index++) writeFileSync(join(folder, "many", `${index}.rego`), "");
    expect(await codeOfAsync(() => readOwnRules(join(folder, "many")))).toBe("lint/rules-invalid");
  });
});
