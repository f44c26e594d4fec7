import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { callCommand } from "../fakes/call-command.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { podYaml } from "../fakes/lint.ts";
import { type RecordedIo, recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const WARNING = podYaml({ container: "securityContext: {privileged: true}" });
const ERROR = podYaml({ spec: "hostPID: true" });
const INFO = podYaml({ container: "livenessProbe: {exec: {command: [x]}}" });

/** A directory with one file for each text. */
function folderWith(...texts: readonly string[]): string {
  const folder = temporaryDirectory();
  for (const [index, text] of texts.entries()) writeFileSync(join(folder, `${index}.yaml`), text);
  return folder;
}

/** Runs the command; its error code, or `ok`. */
async function lint(words: readonly string[], io: RecordedIo = recordIo()): Promise<string> {
  const code = await codeOfAsync(() => callCommand(["lint", ...words], io));
  return code.startsWith("no error") ? "ok" : code;
}

async function json(...words: readonly string[]): Promise<Record<string, unknown>> {
  const io = recordIo({ format: "json" });
  await lint(words, io);
  expect(io.printed).toHaveLength(1);
  return JSON.parse(io.printed[0] ?? "");
}

describe("contrast lint", () => {
  test.each([
    [[INFO], "error", "ok"],
    [[WARNING], "error", "ok"],
    [[ERROR], "error", "lint/findings"],
    [[ERROR], "never", "ok"],
    [[WARNING], "warning", "lint/findings"],
    [[ERROR], "warning", "lint/findings"],
    [[INFO], "warning", "ok"],
    [[INFO], "info", "lint/findings"],
    [[podYaml()], "info", "ok"],
  ])("fails of findings as --fail-on says: %#", async (texts, failOn, code) => {
    expect(await lint(["--fail-on", failOn, folderWith(...texts)])).toBe(code);
  });

  test("tells the findings that --severity and --ignore leave", async () => {
    const folder = folderWith(ERROR, WARNING, INFO);
    expect(await json(folder)).toMatchObject({ ok: false, counts: { error: 1, warning: 1, info: 1 }, files: 3 });
    expect(await json("--severity", "warning", folder)).toMatchObject({ counts: { error: 1, warning: 1, info: 0 } });
    expect(await json("--ignore", "host-namespace", folder)).toMatchObject({ ok: true, counts: { error: 0 } });
  });

  test.each([
    [["--fail-on", "fatal", "."], "terminal/invalid-argument"],
    [["--severity", "never", "."], "terminal/invalid-argument"],
    [["--ignore", "no-such-rule", "."], "terminal/invalid-argument"],
    [["--reference-values", "moon", "."], "manifest/platform-unknown"],
    [["--rules", "/no/such/directory", "."], "lint/rules-invalid"],
    [["-", "x.yaml"], "lint/standard-input-alone"],
    [["--fix", "-"], "lint/standard-input-alone"],
    [[], "kubernetes/no-yaml-files"],
    [["/no/such/file.yaml"], "kubernetes/path-missing"],
  ])("refuses %j", async (words, code) => {
    expect(await lint(words)).toBe(code);
  });

  test("reads standard input", async () => {
    const io = recordIo({ readInput: async () => new TextEncoder().encode(ERROR) });
    expect(await lint(["-"], io)).toBe("lint/findings");
    expect(io.printed[0]).toBe("standard input");
  });

  test("tells files that cannot be read beside the findings of the others, and fails whatever --fail-on says", async () => {
    const folder = folderWith(WARNING, "runtimeClassName: contrast-cc: [");
    expect(await lint(["--fail-on", "never", folder])).toBe("lint/input-faulty");
    const { findings, ok } = await json("--fail-on", "never", folder);
    expect(ok).toBe(false);
    expect(findings).toContainEqual(expect.objectContaining({ code: "privileged" }));
    expect(findings).toContainEqual(expect.objectContaining({ code: "kubernetes/yaml-syntax", severity: "error" }));
  });

  test("never prints a secret, nor the line that it stands on", async () => {
    const yaml = podYaml({
      container: "env: [{name: DB_PASSWORD, value: hunter2}], securityContext: {privileged: true}",
    });
    const folder = folderWith(yaml);
    const [sarif, junit] = [join(folder, "out.sarif"), join(folder, "out.xml")];
    for (const format of ["text", "json"] as const) {
      const io = recordIo({ format });
      expect(await lint(["--sarif", sarif, "--junit", junit, folder], io)).toBe("ok");
      expect([...io.printed, ...io.told].join("\n")).not.toContain("hunter2");
    }
    const io = recordIo();
    await lint(["--github", folder], io);
    expect(io.printed.join("\n")).toContain("title=contrast lint%3A env-secret");
    const all = [...io.printed, readFileSync(sarif, "utf8"), readFileSync(junit, "utf8")].join("\n");
    expect(all).toContain("DB_PASSWORD");
    // The line is shown for no other finding either, where the rule itself is silent.
    for (const flags of [
      ["--ignore", "env-secret"],
      ["--severity", "error"],
    ]) {
      const quiet = recordIo();
      await lint([...flags, folderWith(yaml.replace("spec: {", "spec: {hostPID: true, "))], quiet);
      expect(quiet.printed.join("\n")).toContain("host-namespace");
      expect(quiet.printed.join("\n")).not.toContain(" | ");
    }
    expect(all).not.toContain("hunter2");
  });

  test("repairs, tells what it repaired, and only what is left", async () => {
    const yaml = podYaml({ metadata: "annotations: {a: 1}", container: "securityContext: {privileged: true}" });
    const folder = folderWith(yaml);
    const io = recordIo();
    expect(await lint(["--fix", folder], io)).toBe("ok");
    expect(io.printed[0]).toBe(`fixed ${folder}/0.yaml: annotation-not-text (Pod web, metadata.annotations.a)`);
    expect(io.printed.join("\n")).toContain("privileged:");
    expect(io.printed.slice(1).join("\n")).not.toContain("annotation-not-text");
    expect(readFileSync(join(folder, "0.yaml"), "utf8")).toBe(yaml.replace("{a: 1}", '{a: "1"}'));
    expect(await json("--fix", folder)).toMatchObject({ fixed: [] });
  });

  test("does not repair what is ignored", async () => {
    const yaml = podYaml({ metadata: "annotations: {a: 1}" });
    const folder = folderWith(yaml);
    const io = recordIo();
    expect(await lint(["--fix", "--ignore", "annotation-not-text", folder], io)).toBe("ok");
    expect(io.printed[0]).toBe("nothing to repair");
    expect(readFileSync(join(folder, "0.yaml"), "utf8")).toBe(yaml);
  });

  test("asks the rules of a directory, whose findings count like others", async () => {
    const folder = folderWith(podYaml());
    mkdirSync(join(folder, "rules"));
    const finding = `{"rule": "x-all", "severity": "error", "object": w.object, "path": [], "message": "m"}`;
    const rules = `package a\nimport rego.v1\nfindings contains ${finding} if some w in input.workloads\n`;
    writeFileSync(join(folder, "rules", "a.rego"), rules);
    const words = ["--rules", join(folder, "rules"), folder];
    expect(await lint(words)).toBe("lint/findings");
    expect(await lint(["--ignore", "x-all", ...words])).toBe("ok");
  });

  test("asks about the platform only where one is named", async () => {
    const folder = folderWith(podYaml({ container: "resources: {limits: {memory: 64Mi, nvidia.com/a: 1}}" }));
    expect(await lint([folder])).toBe("ok");
    expect(await lint(["--reference-values", "k3s-qemu-snp", folder])).toBe("lint/findings");
    expect(await lint(["--reference-values", "k3s-qemu-snp-gpu", folder])).toBe("ok");
  });

  test("lists the rules", async () => {
    const io = recordIo();
    expect(await lint(["--list"], io)).toBe("ok");
    expect(io.printed[0]).toBe("image-digest             warning  image without digest");
    expect(await json("--list")).toMatchObject({ schema: "contrast/lint-rules/v1" });
  });
});
