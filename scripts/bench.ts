// Runs every benchmark in scripts/bench/ and prints all figures as a table, or with --json as one array.
// Names given as arguments choose benchmarks: `npm run bench -- start-up`.
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { keepsPromise, type Measurement } from "./measure/report.ts";

const folder = join(import.meta.dir, "bench");

/** A benchmark prints one measurement as JSON on each line of standard output, and what it likes on standard error. */
async function runBenchmark(file: string): Promise<readonly Measurement[]> {
  const child = Bun.spawn([process.execPath, join(folder, file)], {
    cwd: join(import.meta.dir, ".."),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const [status, text] = await Promise.all([child.exited, new Response(child.stdout).text()]);
  if (status !== 0) throw new Error(`Cannot run benchmark ${file}: exit status ${status}`);
  return text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Measurement);
}

function row(measurement: Measurement): readonly string[] {
  const { name, value, unit, atMost, atLeast } = measurement;
  const digits = Math.abs(value) >= 100 ? 0 : 2;
  const promise = atMost !== undefined ? `at most ${atMost}` : atLeast !== undefined ? `at least ${atLeast}` : "";
  return [name, value.toFixed(digits), unit, promise, keepsPromise(measurement) ? "" : "MISSED"];
}

function renderTable(measurements: readonly Measurement[]): string {
  const rows = [["benchmark", "value", "unit", "promised", ""], ...measurements.map(row)];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((cells) => (cells[column] ?? "").length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).toSorted();
  const measurements: Measurement[] = [];
  let failed = false;
  for (const file of files) {
    if (wanted.length > 0 && !wanted.includes(basename(file, ".ts"))) continue;
    try {
      measurements.push(...(await runBenchmark(file)));
    } catch (error) {
      failed = true;
      console.error(error instanceof Error ? error.message : error);
    }
  }
  console.log(process.argv.includes("--json") ? JSON.stringify(measurements, null, 2) : renderTable(measurements));
  if (failed || !measurements.every(keepsPromise)) process.exitCode = 1;
}

await main();
