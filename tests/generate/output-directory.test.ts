import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "../../src/generate/generate.ts";
import { ProblemsError } from "../../src/lib/problems.ts";
import { snapshotOf } from "../e2e/snapshot.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { POD, scene, type Scene } from "../fakes/generate-scene.ts";

const CONFIG = "# as it is\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n";

/** A scene with files in several places; nothing is written yet. */
function deepScene(): Scene & { readonly out: string; readonly write: (name: string, text: string) => void } {
  const made = scene(POD);
  const write = (name: string, text: string): void => {
    const path = join(made.directory, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  };
  write("resources/sub/config.yml", CONFIG);
  write("resources/notes.txt", "not copied");
  return { ...made, out: join(made.directory, "out"), write };
}

async function codesOf(call: () => Promise<unknown>): Promise<readonly string[]> {
  const error = await call().catch((reason: unknown) => reason);
  return error instanceof ProblemsError ? error.problems.map(({ code }) => code) : [String(error)];
}

describe("planOutputDirectory()", () => {
  test("gives every YAML file its place below the argument, and leaves the inputs alone", async () => {
    const { options, services, directory, out } = deepScene();
    const before = snapshotOf(join(directory, "resources"));
    await generate({ ...options, outputDirectory: out }, services);
    expect(snapshotOf(join(directory, "resources"))).toEqual(before);
    expect(Object.keys(snapshotOf(out))).toEqual(["pod.yaml", "sub", "sub/config.yml"]);
    expect(readFileSync(join(out, "sub/config.yml"), "utf8")).toBe(CONFIG);
    expect(readFileSync(join(out, "pod.yaml"), "utf8")).toContain("agent.policy: ");

    const made = snapshotOf(directory);
    const again = await generate({ ...options, outputDirectory: out }, services);
    expect(again.written).toEqual([]);
    expect(snapshotOf(directory)).toEqual(made);
  });

  test("gives a file that is an argument its name", async () => {
    const { options, services, directory, out } = deepScene();
    const paths = [join(directory, "resources", "pod.yaml"), join(directory, "resources", "sub")];
    await generate({ ...options, paths, outputDirectory: out }, services);
    expect(Object.keys(snapshotOf(out))).toEqual(["config.yml", "pod.yaml"]);
  });

  test("refuses two files with one place before anything is written", async () => {
    const { options, services, directory, out, write } = deepScene();
    write("more/pod.yaml", CONFIG);
    const before = snapshotOf(directory);
    const paths = [join(directory, "resources"), join(directory, "more")];
    const call = () => generate({ ...options, paths, outputDirectory: out }, services);
    expect(await codesOf(call)).toEqual(["generate/output-collision"]);
    expect(snapshotOf(directory)).toEqual(before);
  });

  test.each([
    ["the inputs themselves", "resources"],
    ["a directory in the inputs", "resources/out"],
    ["a link to the inputs", "link"],
    ["a directory whose link leads elsewhere", "linked"],
  ])("refuses %s before anything is written", async (_what, name) => {
    const { options, services, directory } = deepScene();
    symlinkSync("resources", join(directory, "link"));
    for (const made of ["linked", "elsewhere"]) mkdirSync(join(directory, made));
    writeFileSync(join(directory, "elsewhere", "pod.yaml"), CONFIG);
    symlinkSync("../elsewhere", join(directory, "linked", "sub"));
    symlinkSync("../elsewhere/pod.yaml", join(directory, "linked", "pod.yaml"));
    const before = snapshotOf(directory);
    const call = () => generate({ ...options, outputDirectory: join(directory, name) }, services);
    expect(await codesOf(call)).toEqual(["generate/output-outside", "generate/output-outside"]);
    expect(snapshotOf(directory)).toEqual(before);
  });

  test("writes beside inputs that are not below the place of any output", async () => {
    const { options, services, directory } = deepScene();
    await generate({ ...options, outputDirectory: directory }, services);
    expect(readFileSync(join(directory, "sub", "config.yml"), "utf8")).toBe(CONFIG);
    expect(readFileSync(join(directory, "resources", "pod.yaml"), "utf8")).toBe(POD);
  });

  test("tells of files that no input belongs to, and leaves them", async () => {
    const { options, services, out, write } = deepScene();
    write("out/old.yaml", CONFIG);
    write("out/README.md", "mine");
    const { warnings } = await generate({ ...options, outputDirectory: out }, services);
    expect(warnings.filter(({ code }) => code === "generate/output-stale").map(({ file }) => file)).toEqual([
      join(out, "old.yaml"),
    ]);
    expect(readFileSync(join(out, "old.yaml"), "utf8")).toBe(CONFIG);
  });

  test("refuses a file in place of the directory, and standard input, which has no name", async () => {
    const { options, services, out, write } = deepScene();
    write("out", "a file");
    const call = (paths: readonly string[], outputDirectory: string) => () =>
      generate({ ...options, paths, outputDirectory }, services);
    expect(await codeOfAsync(call(options.paths, out))).toBe("generate/output-invalid");
    const readInput = async (): Promise<Uint8Array> => new TextEncoder().encode(POD);
    const piped = () => generate({ ...options, paths: ["-"], outputDirectory: `${out}2` }, { ...services, readInput });
    expect(await codeOfAsync(piped)).toBe("generate/output-invalid");
  });
});
