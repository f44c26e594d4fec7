// From the start of the compiled Coordinator until it listens, against an empty HTTP/2 server over TLS that was compiled
// with the same flags. The Coordinator is on a simulated machine, and its history is empty.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBinary, productCompilation } from "../build/compile-binary.ts";
import { compileEmptyServer } from "../measure/compile-empty-server.ts";
import { createMeasuredDeployment, startMeasuredCoordinator } from "../measure/measured-coordinator.ts";
import { median } from "../measure/median.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 31;

/** Milliseconds until a server listens; it is ended then. */
async function startTime(start: () => Promise<Bun.Subprocess>): Promise<number> {
  const startedMs = performance.now();
  const child = await start();
  const elapsedMs = performance.now() - startedMs;
  child.kill("SIGKILL");
  await child.exited;
  return elapsedMs;
}

async function main(folder: string): Promise<void> {
  const contrast = join(folder, "contrast");
  await compileBinary(await productCompilation(join(import.meta.dir, "..", ".."), contrast));
  const deployment = await createMeasuredDeployment(folder);
  const startEmpty = await compileEmptyServer(folder);
  const startCoordinator = async (): Promise<Bun.Subprocess> =>
    (await startMeasuredCoordinator([contrast], deployment)).child;
  const [empty, coordinator]: [number[], number[]] = [[], []];
  for (let round = -2; round < ROUNDS; round++) {
    const times = [await startTime(startEmpty), await startTime(startCoordinator)] as const;
    if (round < 0) continue;
    empty.push(times[0]);
    coordinator.push(times[1]);
  }
  const name = "Coordinator start";
  report({ name: `${name}: empty HTTP/2 server`, value: median(empty), unit: "ms" });
  report({ name: `${name}: until it listens`, value: median(coordinator), unit: "ms" });
  const ratio = median(coordinator.map((elapsedMs, round) => elapsedMs / (empty[round] ?? Number.NaN)));
  report({ name: `${name}: over the empty server`, value: ratio, unit: "x", atMost: 5 });
}

const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
