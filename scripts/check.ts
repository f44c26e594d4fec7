// Runs every static check of the project and reports all of them, not only the first that fails.
import { cpus } from "node:os";

interface Check {
  readonly name: string;
  readonly command: readonly string[];
}

const checks: readonly Check[] = [
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "format", command: ["bun", "fmt", "--check"] },
  {
    name: "layers",
    command: ["bun", "--bun", "node_modules/.bin/depcruise", "--config", ".dependency-cruiser.mjs", "src"],
  },
  { name: "dead code", command: ["knip"] },
  { name: "lockfile", command: ["bun", "scripts/complete-lockfile.ts", "--check"] },
  { name: "reference values", command: ["bun", "scripts/reference-values.ts", "--check"] },
  { name: "vendor roots", command: ["bun", "scripts/vendor-roots.ts", "--check"] },
  { name: "documentation", command: ["bun", "scripts/docs.ts", "--check"] },
  { name: "protobuf", command: ["bun", "scripts/build-proto.ts", "--check"] },
  { name: "policy wasm", command: ["bun", "scripts/build-policy-wasm.ts", "--check"] },
  { name: "lint wasm", command: ["bun", "scripts/build-lint-wasm.ts", "--check"] },
  { name: "regorus wasm", command: ["bun", "scripts/build-regorus-wasm.ts", "--check"] },
];

interface Outcome {
  readonly check: Check;
  readonly exitCode: number;
  readonly output: string;
}

async function run(check: Check): Promise<Outcome> {
  const child = Bun.spawn([...check.command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { check, exitCode, output: `${stdout}${stderr}`.trim() };
}

async function main(): Promise<void> {
  const waiting = [...checks];
  const outcomes: Outcome[] = [];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const outcome = await run(check);
      outcomes.push(outcome);
      console.log(`${outcome.exitCode === 0 ? "ok  " : "FAIL"} ${check.name}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, cpus().length) }, worker));
  for (const { check, exitCode, output } of outcomes) {
    if (exitCode !== 0) console.error(`\n── ${check.name}: ${check.command.join(" ")} (exit ${exitCode})\n${output}`);
  }
  process.exitCode = outcomes.some((outcome) => outcome.exitCode !== 0) ? 1 : 0;
}

void main();
