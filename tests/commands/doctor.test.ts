import { describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { CHECK_IDS, SUBJECT_NAMES } from "../../src/doctor/check-catalogue.ts";
import { doctorCommand } from "../../src/commands/doctor.ts";
import { PROGRAM } from "../../src/cli/root-definition.ts";
import { findCommand, flagsOf } from "../../src/terminal/find-command.ts";
import { parseFlags } from "../../src/terminal/flag-grammar.ts";
import type { Io } from "../../src/terminal/io.ts";
import { createParsedFlags } from "../../src/terminal/parsed-flags.ts";
import { DoctorScene } from "../fakes/doctor-scene.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordIo } from "../fakes/recorded-io.ts";

interface Outcome {
  readonly status: number | void;
  readonly lines: readonly string[];
}

async function call(scene: DoctorScene, words: readonly string[], change: Partial<Io> = {}): Promise<Outcome> {
  const io = recordIo({ now: () => new Date(), ...change });
  const { command, args } = await findCommand(PROGRAM, ["doctor", "--workspace-dir", scene.directory, ...words]);
  const { values, positionals } = parseFlags(flagsOf(PROGRAM, command), args);
  const flags = createParsedFlags(flagsOf(PROGRAM, command), values, scene.directory);
  const status = await doctorCommand.run({ flags, positionals, program: PROGRAM }, io);
  return { status, lines: io.printed };
}

/** Flags by which the scene is healthy. */
function flagsFor(scene: DoctorScene): readonly string[] {
  const tables = [
    "--image-replacements",
    scene.path("images.txt"),
    "--reference-values-file",
    scene.path("values.json"),
  ];
  return [...tables, scene.path("resources")];
}

describe("contrast doctor", () => {
  test("ends with 0 and one line for each subject where nothing is wrong", async () => {
    const scene = await DoctorScene.create();
    const { status, lines } = await call(scene, flagsFor(scene));
    expect(status).toBe(0);
    const subjects = lines.slice(0, lines.indexOf(""));
    expect(subjects.filter((line) => !/^(?:✔️ |➖) [a-z-]+ +[0-9]/.test(line))).toEqual([]);
    expect(subjects).toHaveLength(SUBJECT_NAMES.length);
    expect(lines.at(-1)).toMatch(/^Nothing is wrong elsewhere: [0-9]+ checks passed, [0-9]+ skipped/);
  });

  test("says without --verbose what it could not look at, and why", async () => {
    const scene = await DoctorScene.create();
    const text = async (words: readonly string[]): Promise<string> => (await call(scene, words)).lines.join(" ");
    const [tables, yaml] = [flagsFor(scene).slice(0, -1), flagsFor(scene).slice(-1)];
    expect(await text([...tables, ...yaml])).toContain("Not looked at: deployment.current, because not all images");
    expect(await text(tables)).toContain("checks of deployment, manifest, because no YAML was named");
    scene.write("mesh-ca.pem", scene.read("mesh-ca.pem"), new Date(Date.now() + 60_000));
    expect(await text(tables)).toContain("checks of saved, because set ran after the last verify");
  });

  test("keeps to the width of the terminal, or 80 columns", async () => {
    const scene = await DoctorScene.create();
    scene.write("workload-owner.pem", "-----BEGIN PUBLIC KEY-----\nMAAA\n-----END PUBLIC KEY-----\n");
    rmSync(scene.path("seedshare-owner.pem"));
    for (const [columns, width] of [
      [undefined, 80],
      [100, 100],
      [20, 60],
    ] as const) {
      const { lines } = await call(scene, flagsFor(scene), { columns: () => columns });
      // Names of files are not broken, and the line of counts is for 80 columns.
      const prose = lines.slice(0, -1).filter((line) => !line.includes(scene.directory));
      expect(prose.filter((line) => Bun.stripANSI(line).length > width)).toEqual([]);
    }
  });

  test("counts what it prints", async () => {
    const scene = await DoctorScene.create();
    scene.write(".manifest.json.0123456789ab.tmp", "");
    scene.write(".settings.json.0123456789ab.tmp", "");
    scene.changeManifest((manifest) => {
      manifest.WorkloadOwnerKeyDigests = null;
      manifest.SeedshareOwnerPubKeys = null;
    });
    const { lines } = await call(scene, flagsFor(scene));
    const printed = (status: string): number => lines.filter((line) => line.startsWith(`     ${status} `)).length;
    expect(printed("warning")).toBeGreaterThan(3);
    expect(lines.at(-1)).toStartWith(`${printed("error")} error, ${printed("warning")} warnings: `);
    const ofSubjects = lines.flatMap((line) => /^\S+ +[a-z-]+ .*?([0-9]+) warnings?/.exec(line)?.[1] ?? []);
    expect(ofSubjects.reduce((sum, count) => sum + Number(count), 0)).toBe(printed("warning"));
  });

  test("shows every check with --verbose", async () => {
    const scene = await DoctorScene.create();
    const { lines } = await call(scene, ["--verbose", ...flagsFor(scene)]);
    const shown = lines.flatMap((line) => /^ {5}([a-z]\S+):(?: |$)/.exec(line)?.[1] ?? []);
    expect(shown).toEqual([...CHECK_IDS]);
  });

  test.each([
    [[], 0],
    [["--fail-on", "warning"], 1],
    [["--fail-on", "never"], 0],
  ])("takes a warning with %j as status %d", async (words, status) => {
    const scene = await DoctorScene.create();
    scene.write(".manifest.json.0123456789ab.tmp", "");
    expect(await call(scene, [...words, ...flagsFor(scene)])).toMatchObject({ status });
  });

  test("ends with 1 for an error, says what to do, and with 0 where nothing fails", async () => {
    const scene = await DoctorScene.create();
    scene.write("seed-shares.json", "{}");
    const { status, lines } = await call(scene, flagsFor(scene));
    expect(status).toBe(1);
    expect(lines.join("\n")).toContain("→ Get the file from a copy that set wrote.");
    expect(lines.at(-1)).toMatch(/^1 error, 0 warnings: /);
    expect(await call(scene, ["--fail-on", "never", ...flagsFor(scene)])).toMatchObject({ status: 0 });
  });

  test("tells what is the same in many places once", async () => {
    const scene = await DoctorScene.create();
    const pods = Array.from({ length: 9 }, (_, index) => {
      const spec = "{runtimeClassName: contrast-cc-k3s-qemu-snp-0123abcd, containers: [{name: a, image: b}]}";
      return `apiVersion: v1\nkind: Pod\nmetadata: {name: late-${index}}\nspec: ${spec}\n`;
    });
    scene.write("resources/more.yaml", pods.join("---\n"));
    const { lines } = await call(scene, flagsFor(scene));
    const text = lines.join("\n");
    expect(text.split("carries no policy").length + text.split("carries no\n").length).toBe(3);
    expect(text).toContain("and 6 more; --format json has all");
  });

  test("cannot be made to print control characters by names of files", async () => {
    const scene = await DoctorScene.create();
    scene.write(".a\u001b[2J\n.0123456789ab.tmp", "");
    const { lines } = await call(scene, flagsFor(scene));
    expect(lines.join("")).toContain("\\u001b[2J\\n");
    expect(lines.join("")).not.toContain("\u001b");
  });

  test("prints one JSON object with its schema, and all results", async () => {
    const scene = await DoctorScene.create();
    scene.write("seed-shares.json", "{}");
    const { status, lines } = await call(scene, flagsFor(scene), { format: "json" });
    const [line = ""] = lines;
    const json = JSON.parse(line) as { checks: { check: string; status: string }[]; findings: unknown[] };
    expect([status, lines.length]).toEqual([1, 1]);
    expect(json).toMatchObject({
      schema: "contrast/doctor/v1",
      ok: false,
      counts: { error: 1, warning: 0, info: 0 },
      summary: { error: 1 },
    });
    expect(json.checks.map(({ check }) => check)).toEqual([...CHECK_IDS]);
    expect(json.checks).toContainEqual({ check: "seed-shares.readable", status: "error" });
    expect(json.findings).toMatchObject([{ severity: "error", check: "seed-shares.readable" }]);
  });

  test("lists its checks for people and for programs", async () => {
    const scene = await DoctorScene.create();
    const text = await call(scene, ["--list"]);
    for (const check of CHECK_IDS) expect(text.lines.join("\n")).toContain(`  ${check} `);
    const { lines } = await call(scene, ["--list"], { format: "json" });
    const json = JSON.parse(lines[0] ?? "") as { schema: string; checks: { check: string }[] };
    expect(json.schema).toBe("contrast/doctor-checks/v1");
    expect(json.checks.map(({ check }) => check)).toEqual([...CHECK_IDS]);
  });

  test("looks at YAML of standard input", async () => {
    const scene = await DoctorScene.create();
    const yaml = `${scene.read("resources/pod.yaml")}\n---\n${scene.read("resources/coordinator.yaml")}`;
    const io = { format: "json", readInput: async () => new TextEncoder().encode(yaml) } as const;
    const { status, lines } = await call(scene, [...flagsFor(scene).slice(0, -1), "-"], io);
    expect([status, lines[0]]).toEqual([0, expect.stringContaining('"ok":true')]);
  });

  test("refuses flags that say nothing", async () => {
    const scene = await DoctorScene.create();
    expect(await codeOfAsync(() => call(scene, ["--fail-on", "info"]))).toBe("terminal/invalid-argument");
    expect(await codeOfAsync(() => call(scene, ["--at", "now"]))).toBe("terminal/invalid-argument");
  });
});
