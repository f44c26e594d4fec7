// `generate` on 1,000 Deployments with image data on disk: time against a yardstick program compiled with the same
// flags, peak memory, the cost of the self-check, and of a second run that changes nothing.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBinary, productCompilation, RELEASE_FLAGS } from "../build/compile-binary.ts";
import { writeBenchmarkInput } from "../measure/deployments.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 5;
const DEPLOYMENTS = 1000;
const DEPLOYMENTS_PER_FILE = 100;

interface Run {
  readonly ms: number;
  readonly peakBytes: number;
}

function run(command: readonly string[], cwd: string): Run {
  const startedMs = performance.now();
  const child = Bun.spawnSync([...command], {
    cwd,
    env: { PATH: "/usr/bin:/bin", HOME: cwd },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ms = performance.now() - startedMs;
  if (child.exitCode !== 0) throw new Error(`${command.join(" ")} failed:\n${child.stderr.toString().slice(0, 2000)}`);
  return { ms, peakBytes: child.resourceUsage?.maxRSS ?? Number.NaN };
}

async function main(): Promise<void> {
  const root = join(import.meta.dir, "..", "..");
  const folder = mkdtempSync(join(tmpdir(), "contrast-bench-"));
  try {
    const contrast = join(folder, "contrast");
    await compileBinary(await productCompilation(root, contrast));
    const yardstick = join(folder, "yardstick");
    await compileBinary({ entry: "scripts/measure/yardstick.ts", root, outfile: yardstick, flags: RELEASE_FLAGS });
    const { flags } = writeBenchmarkInput(folder, DEPLOYMENTS, DEPLOYMENTS_PER_FILE);
    const original = join(folder, "original");
    cpSync(join(folder, "resources"), original, { recursive: true });
    const command = [contrast, "generate", ...flags, "resources"];
    const withoutCheck = [...command, "--no-self-check"];

    const times: Record<"yardstick" | "first" | "second" | "checked", number[]> = {
      yardstick: [],
      first: [],
      second: [],
      checked: [],
    };
    const restore = (): void => {
      rmSync(join(folder, "resources"), { recursive: true });
      cpSync(original, join(folder, "resources"), { recursive: true });
    };
    // Creates keys and caches, and shows how large a policy is.
    run(withoutCheck, folder);
    writeFileSync(join(folder, "policy"), firstPolicy(join(folder, "resources", "part-00000.yaml")));
    let peakBytes = 0;
    for (let round = 0; round < ROUNDS; round++) {
      times.yardstick.push(run([yardstick, original, join(folder, "out"), join(folder, "policy")], folder).ms);
      restore();
      const first = run(withoutCheck, folder);
      times.first.push(first.ms);
      peakBytes = Math.max(peakBytes, first.peakBytes);
      times.second.push(run(withoutCheck, folder).ms);
      restore();
      times.checked.push(run(command, folder).ms);
    }
    const yardstickMs = median(times.yardstick);
    const firstMs = median(times.first);
    report({ name: "generate: yardstick, 1,000 Deployments", value: yardstickMs, unit: "ms" });
    report({ name: "generate: without self-check", value: firstMs / yardstickMs, unit: "x", atMost: 3 });
    report({ name: "generate: peak memory", value: peakBytes / 1e6, unit: "MB", atMost: 250 });
    report({
      name: "generate: second run, of the first",
      value: median(times.second) / firstMs,
      unit: "x",
      atMost: 0.3,
    });
    report({ name: "generate: self-check, of the first", value: median(times.checked) / firstMs, unit: "x" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function firstPolicy(file: string): string {
  const annotation = /agent\.policy: "?([A-Za-z0-9+/=]+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  return Buffer.from(annotation, "base64").toString();
}

await main();
