// Start-up and size of the compiled binary, against an empty program compiled with the same flags.
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBinary, productCompilation, RELEASE_FLAGS } from "../build/compile-binary.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 51;
/**
 * Measured: 9.2 MB are bytecode of 1.9 MB of code, 2.9 MB source maps, 1.7 MB WebAssembly. Without bytecode commands start
 * slower than promised, without maps stacks name no lines. The rest is room for the documentation in the binary.
 */
const MAX_EXTRA_MB = 17;

interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly atMost?: number;
}

/** Milliseconds of each run; subjects take turns, so that a slow moment of the machine hits all of them. */
function timeAll(subjects: readonly Subject[], cwd: string): ReadonlyMap<string, readonly number[]> {
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (let round = -2; round < ROUNDS; round++) {
    for (const { name, command } of subjects) {
      const startedMs = performance.now();
      Bun.spawnSync([...command], { cwd, env: { PATH: "/usr/bin:/bin" }, stdio: ["ignore", "ignore", "ignore"] });
      if (round >= 0) times.get(name)?.push(performance.now() - startedMs);
    }
  }
  return times;
}

async function main(): Promise<void> {
  const root = join(import.meta.dir, "..", "..");
  const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
  try {
    await writeFile(join(folder, "empty.ts"), "export {};\n");
    const empty = join(folder, "empty");
    await compileBinary({ entry: "empty.ts", root: folder, outfile: empty, flags: RELEASE_FLAGS });
    const contrast = join(folder, "contrast");
    await compileBinary(await productCompilation(root, contrast));

    const subjects: readonly Subject[] = [
      { name: "empty", command: [empty] },
      { name: "--version", command: [contrast, "--version"], atMost: 1.25 },
      { name: "--help", command: [contrast, "--help"], atMost: 2 },
      { name: "generate --help", command: [contrast, "generate", "--help"], atMost: 2 },
      { name: "policy --help", command: [contrast, "policy", "--help"], atMost: 2 },
      { name: "policy explain --help", command: [contrast, "policy", "explain", "--help"], atMost: 2 },
      { name: "unknown flag", command: [contrast, "generate", "--unknown"], atMost: 2 },
      { name: "unknown command", command: [contrast, "generat"], atMost: 2 },
      { name: "required flag missing", command: [contrast, "generate"], atMost: 2 },
    ];
    const times = timeAll(subjects, folder);
    const emptyMs = median(times.get("empty") ?? []);
    report({ name: "start-up: empty program", value: emptyMs, unit: "ms" });
    for (const { name, atMost } of subjects) {
      if (atMost === undefined) continue;
      report({ name: `start-up: ${name}`, value: median(times.get(name) ?? []) / emptyMs, unit: "x", atMost });
    }
    const extraBytes = (await stat(contrast)).size - (await stat(empty)).size;
    report({ name: "size: binary over an empty program", value: extraBytes / 1e6, unit: "MB", atMost: MAX_EXTRA_MB });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
