// Runs the test suite and ends with one line that a machine can read: "N passed, N failed".
// Tests that use the processor heavily run beside each other in worker processes; results come from the JUnit report.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const directory = mkdtempSync(join(tmpdir(), "contrast-junit-"));
const report = join(directory, "junit.xml");
const run = Bun.spawnSync(
  [
    process.execPath,
    "test",
    "--parallel=3",
    // A busy machine is no failure; what hangs is still found.
    "--timeout=30000",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...process.argv.slice(2),
  ],
  { stdin: "ignore", stdout: "inherit", stderr: "inherit" },
);

const { passed, failed, skipped } = readCounts();
rmSync(directory, { recursive: true, force: true });
// A file that cannot be loaded, or a suite that stops, is in no count of the report.
const isBroken = run.exitCode !== 0 || passed === 0;
const allFailed = failed === 0 && isBroken ? 1 : failed;
if (skipped > 0) console.log(`${skipped} skipped; each says above what it needs`);
console.log(`${passed} passed, ${allFailed} failed`);
process.exitCode = allFailed === 0 ? 0 : 1;

function readCounts(): { passed: number; failed: number; skipped: number } {
  if (!existsSync(report)) return { passed: 0, failed: 0, skipped: 0 };
  const text = readFileSync(report, "utf8");
  const root = /<testsuites[^>]*>/.exec(text)?.[0] ?? "";
  const attribute = (name: string): number => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(root)?.[1] ?? Number.NaN);
  const [tests, failed, skipped] = [attribute("tests"), attribute("failures"), attribute("skipped")];
  return { passed: tests - failed - skipped, failed, skipped };
}
