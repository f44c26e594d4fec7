// A workload's certificate for a fresh client (new key, mutual attested connection, call, answer checked) against a new
// attested connection with a first call to the user API, as scripts/bench/atls.ts has it. All machines are one simulated
// machine with keys as long as AMD's; the Coordinator is the compiled binary.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKeyPairSync } from "node:crypto";
import { dialCoordinator } from "../../src/rpc/dial-coordinator.ts";
import { compileBinary, productCompilation } from "../build/compile-binary.ts";
import {
  createMeasuredDeployment,
  dialAsWorkload,
  GUEST_FILE,
  type MeasuredDeployment,
  setMeasuredManifest,
  startMeasuredCoordinator,
  validatorOf,
} from "../measure/measured-coordinator.ts";
import { median } from "../measure/median.ts";
import { processorTimeOf } from "../measure/process-usage.ts";
import { report } from "../measure/report.ts";

const ROUNDS = 15;
/** Those before do not count: what is rarely called is compiled while it runs. */
const WARM_ROUNDS = 5;
/** Calls in a row of one subject. */
const CALLS = 40;

/** Something that fresh clients ask a server. */
interface Subject {
  readonly call: () => Promise<void>;
  readonly server: { readonly pid: number };
}

/** Of one call, in milliseconds. */
interface Cost {
  readonly wallMs: number;
  /** Processor time of client and server together. */
  readonly busyMs: number;
}

async function costOf({ call, server }: Subject): Promise<Cost> {
  const startedMs = performance.now();
  const serverMs = processorTimeOf(server);
  const client = process.cpuUsage();
  for (let index = 0; index < CALLS; index++) await call();
  const { user, system } = process.cpuUsage(client);
  const busyMs = (user + system) / 1000 + processorTimeOf(server) - serverMs;
  return { wallMs: (performance.now() - startedMs) / CALLS, busyMs: busyMs / CALLS };
}

/** The subjects take turns, so that a slow moment of the machine hits all of them. */
async function costsOf(subjects: readonly Subject[]): Promise<readonly (readonly Cost[])[]> {
  const costs = subjects.map((): Cost[] => []);
  for (let round = -WARM_ROUNDS; round < ROUNDS; round++) {
    for (const [index, subject] of subjects.entries()) {
      const cost = await costOf(subject);
      if (round >= 0) costs[index]?.push(cost);
    }
  }
  return costs;
}

async function startAttestedServer(guestFile: string): Promise<{ child: Bun.Subprocess; port: number }> {
  const program = join(import.meta.dir, "../measure/attested-servers.ts");
  const child = Bun.spawn([process.execPath, program, guestFile], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  const { value } = await child.stdout.getReader().read();
  const { atlsPort } = JSON.parse(Buffer.from(value ?? []).toString()) as { readonly atlsPort: number };
  return { child, port: atlsPort };
}

/** A new connection to a user API, whose evidence is judged by a client that knows nothing yet. */
function userCall(port: number, deployment: MeasuredDeployment): () => Promise<void> {
  const clientKey = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const signal = new AbortController().signal;
  return async () => {
    const options = { clientKey, validate: validatorOf(deployment), now: () => new Date(), signal };
    const session = await dialCoordinator({ host: "127.0.0.1", port }, options);
    await session.getManifests();
    session.close();
  };
}

async function main(folder: string, children: Bun.Subprocess[]): Promise<void> {
  const contrast = join(folder, "contrast");
  await compileBinary(await productCompilation(join(import.meta.dir, "..", ".."), contrast));
  const deployment = await createMeasuredDeployment(folder);
  const coordinator = await startMeasuredCoordinator([contrast], deployment);
  children.push(coordinator.child);
  await setMeasuredManifest(coordinator, deployment);
  const attested = await startAttestedServer(join(folder, GUEST_FILE));
  children.push(attested.child);
  const certify = async (): Promise<void> => {
    const session = await dialAsWorkload(coordinator, deployment);
    await session.newMeshCert();
    session.close();
  };
  const [attestedCosts = [], userCosts = [], meshCosts = []] = await costsOf([
    { call: userCall(attested.port, deployment), server: attested.child },
    { call: userCall(coordinator.userApi, deployment), server: coordinator.child },
    { call: certify, server: coordinator.child },
  ]);
  const cost = (costs: readonly Cost[], kind: keyof Cost): number => median(costs.map((each) => each[kind]));
  // Rates are the inverse of times. Each pair was measured in the same moment of the machine.
  const rateOver = (yardstick: readonly Cost[], kind: keyof Cost): number =>
    median(meshCosts.map((each, round) => (yardstick[round]?.[kind] ?? Number.NaN) / each[kind]));
  const name = "NewMeshCert of fresh clients";
  report({ name: `${name}: processor time of both sides`, value: cost(meshCosts, "busyMs"), unit: "ms" });
  report({ name: `${name}: time`, value: cost(meshCosts, "wallMs"), unit: "ms" });
  report({
    name: `${name}: time of an attested connection and call`,
    value: cost(attestedCosts, "wallMs"),
    unit: "ms",
  });
  const ratio = rateOver(attestedCosts, "busyMs");
  report({ name: `${name}: rate over attested connections`, value: ratio, unit: "x", atLeast: 0.9 });
  report({ name: `${name}: the same by the clock`, value: rateOver(attestedCosts, "wallMs"), unit: "x" });
  const sameServer = rateOver(userCosts, "busyMs");
  report({
    name: `${name}: rate over the user API of the same Coordinator`,
    value: sameServer,
    unit: "x",
    atLeast: 0.9,
  });
  report({ name: `${name}: the same by the clock, same Coordinator`, value: rateOver(userCosts, "wallMs"), unit: "x" });
}

const folder = await mkdtemp(join(tmpdir(), "contrast-bench-"));
const children: Bun.Subprocess[] = [];
try {
  await main(folder, children);
} finally {
  for (const child of children) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
