import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { discoverYamlFiles } from "../../src/kubernetes/discover-yaml-files.ts";
import { parseInput, readInput, readInputs } from "../../src/kubernetes/input-set.ts";
import { createLogger } from "../../src/lib/log.ts";
import { Problems } from "../../src/lib/problems.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const root = temporaryDirectory();
let trees = 0;

/** A fresh directory with these files. */
function tree(files: Readonly<Record<string, string>>): string {
  const directory = join(root, String(++trees));
  mkdirSync(directory);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

const POD = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {runtimeClassName: contrast-cc, containers: []}}\n";
const CONFIG = "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: b}}\n";
const quiet = createLogger(
  100,
  () => {},
  () => new Date(0),
);

function codesOf(text: string): { errors: string[]; warnings: string[]; isTarget: boolean | undefined } {
  const problems = new Problems();
  const file = parseInput(Buffer.from(text, "latin1"), "a.yaml", problems);
  return {
    errors: problems.errors.map(({ code }) => code),
    warnings: problems.warnings.map(({ code }) => code),
    isTarget: file?.isTarget,
  };
}

describe("discoverYamlFiles()", () => {
  test("walks in lexical order, takes hidden files, leaves other names and symbolic links", async () => {
    const directory = tree({
      "b.yaml": "",
      "a/z.yml": "",
      "a.yml": "",
      ".h.yaml": "",
      "c.YAML": "",
      "d.json": "",
      "a/.k/x.yaml": "",
    });
    symlinkSync(join(directory, "b.yaml"), join(directory, "link.yaml"));
    symlinkSync(join(directory, "a"), join(directory, "linked"));
    const found = await discoverYamlFiles([directory], () => {});
    expect(found.map((path) => relative(directory, path))).toEqual([
      ".h.yaml",
      "a/.k/x.yaml",
      "a/z.yml",
      "a.yml",
      "b.yaml",
    ]);
  });

  test("takes files given by name in the given order, each once", async () => {
    const directory = tree({ "a.yaml": "", "b.yml": "", "c.txt": "" });
    symlinkSync(directory, join(directory, "self"));
    const given = ["b.yml", "a.yaml", "self/b.yml", "self", ".", "c.txt"].map((path) => join(directory, path));
    const found = await discoverYamlFiles(given, () => {});
    expect(found.map((path) => relative(directory, path))).toEqual(["b.yml", "a.yaml"]);
  });

  test("refuses a missing path and input without YAML files", async () => {
    const directory = tree({ "a.txt": "" });
    expect(await codeOfAsync(() => discoverYamlFiles([directory, join(directory, "no")], () => {}))).toBe(
      "kubernetes/path-missing",
    );
    expect(await codeOfAsync(() => discoverYamlFiles([directory], () => {}))).toBe("kubernetes/no-yaml-files");
    expect(await codeOfAsync(() => discoverYamlFiles([], () => {}))).toBe("kubernetes/no-yaml-files");
  });
});

describe("parseInput()", () => {
  test("decides on the parsed value whether a file is a target", () => {
    expect(codesOf(POD).isTarget).toBe(true);
    expect(codesOf(`# contrast-cc\n${CONFIG}`).isTarget).toBe(false);
    expect(codesOf(`{apiVersion: v1, kind: List, items: [${POD}]}`).isTarget).toBe(true);
    expect(codesOf(POD.replace("contrast-cc", "kata-cc-isolation")).isTarget).toBe(true);
    expect(codesOf(POD.replace("contrast-cc", "runc")).isTarget).toBe(false);
  });

  test("only warns of faults in files that do not concern confidential pods", () => {
    expect(codesOf("a: [\n")).toEqual({ errors: [], warnings: ["kubernetes/yaml-syntax"], isTarget: false });
    expect(codesOf("a: [\n---\nb: [\n").warnings).toEqual(["kubernetes/yaml-syntax"]);
    expect(codesOf("\xff")).toEqual({ errors: [], warnings: ["kubernetes/yaml-encoding"], isTarget: undefined });
  });

  test("says nothing of other YAML, such as values of a chart", () => {
    expect(codesOf("a: 1\n---\n- b\n")).toEqual({ errors: [], warnings: [], isTarget: false });
  });

  test("reports names that are not text", () => {
    const text =
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: yes, namespace: 1}}\n---\n{apiVersion: v1, kind: Secret, metadata: []}\n";
    expect(codesOf(text).errors).toEqual(["kubernetes/field-type", "kubernetes/field-type", "kubernetes/field-type"]);
  });

  test("reports faults in files that do", () => {
    expect(codesOf("a: [ # contrast-cc\n").errors).toEqual(["kubernetes/yaml-syntax"]);
    expect(codesOf("kind: ConfigMap\n").errors).toEqual(["kubernetes/object-invalid"]);
    expect(codesOf("kata-cc-isolation \xff").errors).toEqual(["kubernetes/yaml-encoding"]);
  });
});

describe("readInputs()", () => {
  test("joins the objects of all files and finds ConfigMaps in any of them", async () => {
    const directory = tree({ "a.yaml": POD, "b/config.yaml": CONFIG, "z.yaml": `---\n---\n${CONFIG}` });
    const lines: string[] = [];
    const problems = new Problems();
    const log = createLogger(
      0,
      (line) => lines.push(line),
      () => new Date(0),
    );
    const inputs = await readInputs([directory], log, problems);
    expect(inputs.files.map(({ isTarget }) => isTarget)).toEqual([true, false, false]);
    expect(inputs.objects.map(({ label }) => label)).toEqual(["Pod p", "ConfigMap c", "ConfigMap c"]);
    expect(inputs.lookup.configMap(undefined, "c")).toBe(inputs.objects[1]);
    expect(problems).toMatchObject({ errors: [], warnings: [] });
    expect(lines).toHaveLength(2);
  });

  test("warns when two files disagree about a ConfigMap", async () => {
    const directory = tree({ "a.yaml": POD + "---\n" + CONFIG, "b.yaml": CONFIG.replace("a: b", "a: c") });
    const problems = new Problems();
    await readInputs([directory], quiet, problems);
    expect(problems.warnings.map(({ code, file }) => [code, file])).toEqual([
      ["kubernetes/duplicate-object", join(directory, "b.yaml")],
    ]);
  });

  test("refuses input without confidential pods, unless a fault may hide them", async () => {
    const none = tree({ "a.yaml": CONFIG });
    const faulty = tree({ "a.yaml": `${CONFIG}\tx\n`, "b.yaml": CONFIG });
    expect(await codeOfAsync(() => readInputs([none], quiet, new Problems()))).toBe("kubernetes/no-targets");
    const problems = new Problems();
    await readInputs([faulty], quiet, problems);
    expect(problems.errors.map(({ code }) => code)).toEqual(["kubernetes/yaml-syntax"]);
  });

  test("tells of ignored files where no target is found", async () => {
    const directory = tree({ "a.yaml": CONFIG, "template.yaml": "{{- if .x }}\n" });
    const failure = await readInputs([directory], quiet, new Problems()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "kubernetes/no-targets", warnings: [{ code: "kubernetes/yaml-syntax" }] });
  });

  test("collects the faults of all files", async () => {
    const directory = tree({ "a.yaml": `${POD}---\na: *x\n`, "b.yaml": "a: ConfigMap\na: 1\n" });
    const problems = new Problems();
    await readInputs([directory], quiet, problems);
    expect(problems.errors.map(({ code, file }) => [code, relative(directory, file ?? "")])).toEqual([
      ["kubernetes/yaml-alias", "a.yaml"],
      ["kubernetes/yaml-duplicate-key", "b.yaml"],
    ]);
  });
});

describe("readInput()", () => {
  test("reports a file that cannot be read", async () => {
    const problems = new Problems();
    expect(await readInput(join(root, "gone.yaml"), problems)).toBeUndefined();
    expect(problems.errors).toMatchObject([{ code: "kubernetes/file-unreadable", file: join(root, "gone.yaml") }]);
  });
});
