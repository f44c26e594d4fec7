import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { podYaml } from "../fakes/lint.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { runBinary } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

/** A directory with the given files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const ERROR = podYaml({ spec: "hostPID: true" });

describe("contrast lint", () => {
  test("tells findings with their place, and fails of errors", async () => {
    const cwd = folderWith({ "a.yaml": ERROR });
    const { stdout, stderr, status } = await runBinary(["lint", "a.yaml"], { cwd });
    expect(stdout).toContain("a.yaml\n  1:116   error   host-namespace: a guest cannot share");
    expect(stdout).toEndWith("1 error, 0 warnings, 0 info in 1 file\n");
    expect(stderr).toBe("Error: Lint failed: 1 finding of severity error\n");
    expect(status).toBe(1);
  });

  test("ends with the status of the class of its error where structured output was asked for", async () => {
    const cwd = folderWith({ "a.yaml": ERROR, "b.yaml": "contrast-cc: [" });
    const call = async (...words: string[]) => await runBinary(["lint", "--format", "json", ...words], { cwd });
    const found = await call("a.yaml");
    expect(found.status).toBe(4);
    expect(JSON.parse(found.stdout)).toMatchObject({ schema: "contrast/lint/v1", ok: false, counts: { error: 1 } });
    expect((await call("b.yaml")).status).toBe(7);
    expect((await call("--fail-on", "never", "a.yaml")).status).toBe(0);
    expect((await call("--fail-on", "sometimes", "a.yaml")).status).toBe(2);
  });

  test("reads standard input, writes reports, repairs files", async () => {
    const cwd = folderWith({ "a.yaml": podYaml({ metadata: "annotations: {a: 1}" }) });
    expect((await runBinary(["lint", "-"], { cwd, stdin: ERROR })).stdout).toContain("standard input\n");
    const words = ["lint", "--fix", "--sarif", "out.sarif", "--junit", "out.xml", "a.yaml"];
    expect(await runBinary(words, { cwd })).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(readFileSync(join(cwd, "out.sarif"), "utf8")).runs[0].results).toEqual([]);
    expect(readFileSync(join(cwd, "out.xml"), "utf8")).toContain('name="a.yaml" tests="1" failures="0"');
    expect(readFileSync(join(cwd, "a.yaml"), "utf8")).toContain('{a: "1"}');
  });

  test("asks rules of users, and ends those that do not end", async () => {
    const cwd = folderWith({ "a.yaml": podYaml() });
    mkdirSync(join(cwd, "rules"));
    const rules = (body: string): void =>
      writeFileSync(join(cwd, "rules", "a.rego"), `package a\n\nimport rego.v1\n\nfindings contains ${body}\n`);
    rules('{"rule": "x-a", "severity": "warning", "object": 0, "path": ["$pod"], "message": "theirs"}');
    const words = ["lint", "--rules", "rules", "a.yaml"];
    expect((await runBinary(words, { cwd })).stdout).toContain("warning x-a: theirs (Pod web, spec)");
    rules("x if some x in numbers.range(1, 1000000000)");
    const endless = await runBinary(words, { cwd });
    expect(endless.stderr).toContain('Error: Cannot use rules file "rules/a.rego"');
    expect(endless.status).toBe(1);
    rules("x if x ==");
    expect((await runBinary(words, { cwd })).stderr).toContain("rules/a.rego:6:");
  });

  test.each([
    [
      "values that aliases make many",
      `a: &a [${"1,".repeat(1000)}]\nb: &b [${"*a,".repeat(1000)}]\nc: [${"*b,".repeat(1000)}]\nkind: ConfigMap\n`,
    ],
    ["lists that are nested deep", `kind: ConfigMap\na: ${"[".repeat(20_000)}`],
    ["bytes that are no text", "contrast-cc \uFFFD\u0000"],
  ])("refuses %s in bounded time", async (_title, yaml) => {
    const cwd = folderWith({ "a.yaml": yaml });
    const startedMs = performance.now();
    const { stderr, status } = await runBinary(["lint", "a.yaml"], { cwd });
    expect(stderr).toBe("Error: Lint failed: some of the input cannot be read\n");
    expect(status).toBe(1);
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
