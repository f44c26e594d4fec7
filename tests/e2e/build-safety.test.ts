import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { productionPackages, readLockfile } from "../../scripts/build/lockfile.ts";
import { compileBinary, productCompilation, RELEASE_FLAGS } from "../../scripts/build/compile-binary.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { fixtureBinary } from "./binary.ts";
import { runBinary } from "./run-binary.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

const ROOT = join(import.meta.dir, "..", "..");

/** A directory as an attacker may prepare it for somebody who calls the program in it. */
function hostileDirectory(): string {
  const directory = temporaryDirectory();
  const files: Readonly<Record<string, string>> = {
    ".env": "CONTRAST_HOSTILE=from-dotenv\nFORCE_COLOR=1\n",
    ".env.production": "CONTRAST_HOSTILE=from-dotenv\n",
    "bunfig.toml": 'preload = ["./evil.ts"]\n',
    "evil.ts": 'console.log("EVIL CODE RAN");\n',
    "tsconfig.json": '{"compilerOptions":{"paths":{"*":["./evil.ts"]},"jsx":"react"}}\n',
    "package.json": '{"imports":{"#x":"./evil.ts"},"bun":{"preload":["./evil.ts"]}}\n',
    "main.ts": 'console.log("EVIL CODE RAN");\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

const SAFE = { env: "", evil: false, eval: "refused", modules: "refused" };

describe("the compiled binary", () => {
  test("takes nothing from a hostile working directory", async () => {
    const binary = await fixtureBinary("surroundings-main");
    const { stdout } = await runBinary([], { binary, cwd: hostileDirectory() });
    expect(JSON.parse(stdout)).toEqual(SAFE);
  });

  test("behaves the same in a hostile working directory", async () => {
    const safe = await runBinary(["--nonsense"]);
    expect(await runBinary(["--nonsense"], { cwd: hostileDirectory() })).toEqual(safe);
  });

  // Shows that the test above would notice: each lock is needed.
  test.each([
    ["--no-compile-autoload-dotenv", { env: "from-dotenv" }],
    ["--compile-exec-argv=--disallow-code-generation-from-strings=strict", { eval: "ran", modules: "ran" }],
  ])("would not be safe without %s", async (lock, difference) => {
    const flags = RELEASE_FLAGS.filter((flag) => flag !== lock);
    const binary = await fixtureBinary("surroundings-main", flags);
    const { stdout } = await runBinary([], { binary, cwd: hostileDirectory() });
    expect(JSON.parse(stdout)).toEqual({ ...SAFE, ...difference });
  });

  test("would run foreign code without --no-compile-autoload-bunfig", async () => {
    const locks = [
      "--no-compile-autoload-bunfig",
      "--compile-exec-argv=--disallow-code-generation-from-strings=strict",
    ];
    const binary = await fixtureBinary(
      "surroundings-main",
      RELEASE_FLAGS.filter((flag) => !locks.includes(flag)),
    );
    expect((await runBinary([], { binary, cwd: hostileDirectory() })).stdout).toContain("EVIL CODE RAN");
  });

  test.each(["--preload ./evil.ts", "--preload=./evil.ts", "-r ./evil.ts", "--import ./evil.ts"])(
    "runs no code for BUN_OPTIONS=%j",
    async (options) => {
      const outcome = await runBinary(["--version"], { cwd: hostileDirectory(), env: { BUN_OPTIONS: options } });
      expect(outcome.stdout).not.toContain("EVIL");
      expect(outcome.stderr).not.toContain("EVIL CODE RAN");
      expect(outcome.status).toBe(1);
    },
  );

  test.each(["none", "off", "throw", ""])("refuses to start when BUN_OPTIONS sets the lock to %j", async (level) => {
    const flag = `--disallow-code-generation-from-strings${level === "" ? "" : `=${level}`}`;
    const { status, stdout } = await runBinary(["--version"], { env: { BUN_OPTIONS: flag } });
    expect([status, stdout]).toEqual([1, ""]);
  });

  test("ignores NODE_OPTIONS", async () => {
    const env = { NODE_OPTIONS: "--require ./evil.ts --import ./evil.ts" };
    const outcome = await runBinary(["--version"], { cwd: hostileDirectory(), env });
    expect(outcome).toEqual(await runBinary(["--version"]));
  });

  test("refuses to run without its lock", async () => {
    const unlocked = RELEASE_FLAGS.filter((flag) => !flag.startsWith("--compile-exec-argv"));
    const binary = await fixtureBinary("sample-main", unlocked);
    const { status, stdout, stderr } = await runBinary(["lines", "1", "--format", "json"], { binary });
    expect([status, stderr]).toEqual([70, expect.stringContaining("not locked")]);
    expect(JSON.parse(stdout)).toMatchObject({ code: "cli/unsafe-runtime" });
  });

  test("is the same, byte for byte, when it is built in another directory", async () => {
    const first = temporaryDirectory();
    const second = join(temporaryDirectory(), "another", "place");
    const licence = "node_modules/bun-types/docs/project/license.mdx";
    const sources = ["src", "policy", "wasm", "LICENSE", licence, "package.json", "package-lock.json", "tsconfig.json"];
    for (const path of [...sources, ...productionPackages(await readLockfile(ROOT))]) {
      cpSync(join(ROOT, path), join(first, path), { recursive: true });
    }
    cpSync(first, second, { recursive: true });
    const digests: string[] = [];
    for (const root of [first, second]) {
      const outfile = join(root, "output", "contrast");
      await compileBinary(await productCompilation(root, outfile));
      digests.push(sha256(outfile));
    }
    expect(digests[1]).toBe(digests[0]!);
  });
});

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
