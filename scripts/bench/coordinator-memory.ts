// Memory of the compiled Coordinator on a simulated machine, against an empty HTTP/2 server over TLS that was compiled
// with the same flags: idle, after 10,000 certificates for fresh clients, and over 100,000 calls. With a number as
// argument so many fresh clients are served in place of 10,000.
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePem } from "../../src/pki/pem-block.ts";
import { createSelfSigned } from "../../src/pki/self-signed.ts";
import { compileBinary, productCompilation, RELEASE_FLAGS } from "../build/compile-binary.ts";
import {
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
/** After this time nothing is under way any more. */
const SETTLE_MS = 5000;
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

async function compileEmptyServer(folder: string): Promise<() => Promise<Bun.Subprocess>> {
  const outfile = join(folder, "empty-server");
  await compileBinary({ entry: "scripts/measure/empty-server.ts", root: ROOT, outfile, flags: RELEASE_FLAGS });
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const [notBefore, notAfter] = [new Date(), new Date(Date.now() + 86_400_000)];
  const der = createSelfSigned({ commonName: "empty", key, notBefore, notAfter, extensions: [] });
  const [keyFile, certificateFile] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  await writeFile(keyFile, key.export({ type: "pkcs8", format: "pem" }));
  await writeFile(certificateFile, encodePem("CERTIFICATE", der));
  return async () => {
    const child = Bun.spawn([outfile, keyFile, certificateFile], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    await child.stdout.getReader().read();
    return child;
  };
}

/** Makes calls by several clients; @returns a point for each window: calls so far, and the least memory in it */
async function watchCalls(
  { child }: MeasuredCoordinator,
  count: number,
  client: (isLeft: () => boolean) => Promise<void>,
): Promise<readonly Point[]> {
  const least = new Map<number, number>();
  let done = 0;
  const sampler = setInterval(() => {
    const window = Math.floor((done * WINDOWS) / count);
    least.set(window, Math.min(memoryOf(child), least.get(window) ?? Number.POSITIVE_INFINITY));
  }, SAMPLE_MS);
  await Promise.all(Array.from({ length: CLIENTS }, async () => await client(() => done++ < count)));
  clearInterval(sampler);
  // In the first fifth caches and compiled code grow to their size; what comes after the end is no full window.
  const points = Array.from(least, ([window, bytes]) => ({ x: (window * count) / WINDOWS, y: bytes }));
  return points.filter(({ x }) => x >= count / 5 && x < count);
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
    const session = await dialAsWorkload(coordinator, deployment);
    while (isLeft()) await session.newMeshCert();
    session.close();
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
    report({ name: `${NAME}: ${served}`, value: after / MB, unit: "MB" });
    report({ name: `${NAME}: ${served}, over the empty server`, value: after / empty, unit: "x", atMost: 3 });
    reportSlope("fresh clients", MOST_GROWTH_MB.freshClients, fresh);
    reportSlope(
      `of ${CALLS} calls`,
      MOST_GROWTH_MB.calls,
      await watchCalls(coordinator, CALLS, lastingClient(coordinator, deployment)),
    );
  } finally {
    coordinator.child.kill("SIGKILL");
  }
}

function reportSlope(what: string, atMost: number, points: readonly Point[]): void {
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
