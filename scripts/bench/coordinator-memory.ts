// Memory of the compiled Coordinator on a simulated machine, against an empty HTTP/2 server over TLS that was compiled
// with the same flags: idle, after 10,000 certificates for fresh clients, and over 100,000 calls. With a number as
// argument so many fresh clients are served in place of 10,000.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileBinary, productCompilation } from "../build/compile-binary.ts";
import { compileEmptyServer } from "../measure/compile-empty-server.ts";
import {
  connectAsWorkload,
  createMeasuredDeployment,
  dialAsWorkload,
  type MeasuredCoordinator,
  type MeasuredDeployment,
  setMeasuredManifest,
  startMeasuredCoordinator,
} from "../measure/measured-coordinator.ts";
import { median } from "../measure/median.ts";
import { memoryOf } from "../measure/process-usage.ts";
import { report } from "../measure/report.ts";
import { type Point, slopeOf } from "../measure/slope.ts";

const ROOT = join(import.meta.dir, "..", "..");
const STARTS = 7;
const FRESH_CLIENTS = Number(process.argv[2] ?? 10_000);
const CALLS = 100_000;
/** Clients at one time. */
const CLIENTS = 4;
/** Of calls; the least memory in each is a point of the line, because the rest is garbage that was not collected yet. */
const WINDOWS = 20;
/** After so long without a client the runtime has collected its garbage. */
const SETTLE_MS = 15_000;
const SAMPLE_MS = 50;

/** For 10,000; what is not growth but noise stays below. */
const MOST_GROWTH_MB = { freshClients: 10, calls: 1 };

const NAME = "Coordinator memory";
const MB = 1e6;

/** Starts a program, tells its memory when it has had nothing to do for a while, and ends it. */
async function idleMemory(start: () => Promise<Bun.Subprocess>): Promise<number> {
  const child = await start();
  await Bun.sleep(500);
  const bytes = memoryOf(child);
  child.kill("SIGKILL");
  await child.exited;
  return bytes;
}

/** What was seen of the memory while calls were made. */
interface Watched {
  /** For each window: calls so far, and the least memory in it. */
  readonly points: readonly Point[];
  readonly mostBytes: number;
}

/** Makes calls by several clients at once. */
async function watchCalls(
  { child }: MeasuredCoordinator,
  count: number,
  client: (isLeft: () => boolean) => Promise<void>,
): Promise<Watched> {
  const least = new Map<number, number>();
  let mostBytes = 0;
  let done = 0;
  const sampler = setInterval(() => {
    const window = Math.floor((done * WINDOWS) / count);
    const bytes = memoryOf(child);
    mostBytes = Math.max(mostBytes, bytes);
    least.set(window, Math.min(bytes, least.get(window) ?? Number.POSITIVE_INFINITY));
  }, SAMPLE_MS);
  await Promise.all(Array.from({ length: CLIENTS }, async () => await client(() => done++ < count)));
  clearInterval(sampler);
  // In the first fifth caches and compiled code grow to their size; what comes after the end is no full window.
  const points = Array.from(least, ([window, bytes]) => ({ x: (window * count) / WINDOWS, y: bytes }));
  return { points: points.filter(({ x }) => x >= count / 5 && x < count), mostBytes };
}

const freshClient =
  (coordinator: MeasuredCoordinator, deployment: MeasuredDeployment) =>
  async (isLeft: () => boolean): Promise<void> => {
    while (isLeft()) {
      const session = await dialAsWorkload(coordinator, deployment);
      await session.newMeshCert();
      session.close();
    }
  };

const lastingClient =
  (coordinator: MeasuredCoordinator, deployment: MeasuredDeployment) =>
  async (isLeft: () => boolean): Promise<void> => {
    const connection = await connectAsWorkload(coordinator, deployment);
    while (isLeft()) await connection.call();
    connection.close();
  };

async function main(folder: string): Promise<void> {
  const contrast = join(folder, "contrast");
  await compileBinary(await productCompilation(ROOT, contrast));
  const deployment = await createMeasuredDeployment(folder);
  const startEmpty = await compileEmptyServer(folder);
  const startIdle = async (): Promise<Bun.Subprocess> => (await startMeasuredCoordinator([contrast], deployment)).child;
  const [empties, idles]: [number[], number[]] = [[], []];
  for (let round = 0; round < STARTS; round++) {
    empties.push(await idleMemory(startEmpty));
    idles.push(await idleMemory(startIdle));
  }
  const empty = median(empties);
  report({ name: `${NAME}: empty HTTP/2 server`, value: empty / MB, unit: "MB" });
  report({ name: `${NAME}: idle, over the empty server`, value: median(idles) / empty, unit: "x", atMost: 2 });

  const coordinator = await startMeasuredCoordinator([contrast], deployment);
  try {
    await setMeasuredManifest(coordinator, deployment);
    const fresh = await watchCalls(coordinator, FRESH_CLIENTS, freshClient(coordinator, deployment));
    await Bun.sleep(SETTLE_MS);
    const after = memoryOf(coordinator.child);
    const served = `after certificates for ${FRESH_CLIENTS} fresh clients`;
    report({ name: `${NAME}: most while they were served`, value: fresh.mostBytes / MB, unit: "MB" });
    report({ name: `${NAME}: ${served}`, value: after / MB, unit: "MB" });
    report({ name: `${NAME}: ${served}, over the empty server`, value: after / empty, unit: "x", atMost: 3 });
    reportSlope("fresh clients", MOST_GROWTH_MB.freshClients, fresh);
    const calls = await watchCalls(coordinator, CALLS, lastingClient(coordinator, deployment));
    reportSlope(`of ${CALLS} calls`, MOST_GROWTH_MB.calls, calls);
  } finally {
    coordinator.child.kill("SIGKILL");
  }
}

function reportSlope(what: string, atMost: number, { points }: Watched): void {
  console.error(points.map(({ x, y }) => `${x}: ${(y / MB).toFixed(1)}`).join(", "));
  const growth = slopeOf(points) * 10_000;
  report({ name: `${NAME}: growth over 10,000 ${what}`, value: growth / MB, unit: "MB", atMost });
}

const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
