// `lint` of 1,000 Deployments against reading and parsing the same files: in a process that has done it before, and in
// new processes, where both load and compile their code first.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBenchmarkInput } from "../measure/deployments.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const DEPLOYMENTS = 1000;
const DEPLOYMENTS_PER_FILE = 100;
/** Processes of each kind, in turns, so that a noisy computer slows both. */
const ROUNDS = 7;
/** Runs in one process until its code is compiled. */
const WARM_RUNS = 20;

const script = join(import.meta.dir, "..", "measure", "lint-run.ts");

function timesOf(directory: string, what: "parse" | "lint", runs: number): readonly number[] {
  const command = [process.execPath, script, directory, what, String(runs)];
  const child = Bun.spawnSync(command, { stdio: ["ignore", "pipe", "inherit"] });
  if (child.exitCode !== 0) throw new Error(`Cannot run ${command.join(" ")}: exit status ${child.exitCode}`);
  return JSON.parse(child.stdout.toString()) as readonly number[];
}

const folder = mkdtempSync(join(tmpdir(), "contrast-bench-"));
try {
  writeBenchmarkInput(folder, DEPLOYMENTS, DEPLOYMENTS_PER_FILE);
  const resources = join(folder, "resources");
  // The fastest run says what the work costs; the others also say what else the computer does.
  const best = (times: readonly number[]): number => Math.min(...times);
  const warm = Array.from({ length: ROUNDS }, () => ({
    parse: best(timesOf(resources, "parse", WARM_RUNS)),
    lint: best(timesOf(resources, "lint", WARM_RUNS)),
  }));
  const cold = Array.from({ length: ROUNDS }, () => ({
    parse: median(timesOf(resources, "parse", 1)),
    lint: median(timesOf(resources, "lint", 1)),
  }));
  const ratio = (rounds: typeof warm): number => median(rounds.map(({ parse, lint }) => lint / parse));
  report({ name: "lint: parse of 1,000 Deployments", value: median(warm.map(({ parse }) => parse)), unit: "ms" });
  report({ name: "lint: 1,000 Deployments, of the parse", value: ratio(warm), unit: "x", atMost: 2 });
  report({ name: "lint: the same in a new process", value: ratio(cold), unit: "x" });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
