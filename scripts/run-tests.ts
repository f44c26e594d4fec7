// Runs the test suite and ends with one line that a machine can read: "N passed, N failed, N skipped".
// Tests that use the processor heavily run beside each other in worker processes; results come from the JUnit report.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directory = mkdtempSync(join(tmpdir(), "contrast-junit-"));
const report = join(directory, "junit.xml");
const run = Bun.spawnSync(
  [
    process.execPath,
    "test",
    "--parallel=2",
    // A busy machine is no failure; what hangs is still found.
    "--timeout=30000",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...process.argv.slice(2),
  ],
  { stdin: "ignore", stdout: "inherit", stderr: "inherit" },
);

const counts = readCounts();
rmSync(directory, { recursive: true, force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = run.exitCode === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;

function readCounts(): { passed: number; failed: number; skipped: number } {
  const text = readFileSync(report, "utf8");
  const root = /<testsuites[^>]*>/.exec(text)?.[0] ?? "";
  const attribute = (name: string): number => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(root)?.[1] ?? Number.NaN);
  const [tests, failed, skipped] = [attribute("tests"), attribute("failures"), attribute("skipped")];
  return { passed: tests - failed - skipped, failed, skipped };
}
