import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { until } from "../fakes/until.ts";
import { type CompiledCoordinator, CoordinatorBench, usageOf } from "./coordinator-bench.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

const ATTACKER = join(import.meta.dir, "fixtures/attacker.ts");
const DONE = "no error, returned undefined";
/** That of a handshake. */
const DEADLINE_MS = 25_000;
const ATTACK_MS = IS_CAMPAIGN ? 10_000 : 500;
/** Far more than a Coordinator needs, far less than it would have if anything were kept. */
const MOST_MIB = 768;
/** Descriptors that come and go with the program itself. */
const SPARE_FILES = 8;

/** Connections that never become a call: at one time, from eight addresses. */
const CONNECTION_ATTACKS = ["silent", "slow", "garbage", "churn"];
/** What HTTP/2 allows to be done without end. */
const SESSION_ATTACKS =
  "idle handshakes rapid-reset ping settings empty-data window-update continuation huge-header body no-window deaf".split(
    " ",
  );

const directory = temporaryDirectory();
let bench: CoordinatorBench;
let coordinator: CompiledCoordinator;

beforeAll(async () => {
  bench = await CoordinatorBench.create(directory);
  coordinator = await bench.start();
  await bench.setFirst(coordinator);
  await beServed();
});

afterAll(async () => await bench[Symbol.asyncDispose]());

/** A user reads the manifests, and a workload gets its certificate. */
async function beServed(): Promise<void> {
  const user = await bench.dialUser(coordinator);
  await user.getManifests().finally(user.close);
  const workload = await bench.dialMesh(coordinator);
  await workload.newMeshCert().finally(workload.close);
}

/** Tries as often as an Initializer would, but sooner. @returns how often it was sent away, and how long that took */
async function untilServed(): Promise<{ readonly refusals: number; readonly elapsedMs: number }> {
  const startedMs = performance.now();
  for (let refusals = 0; ; refusals++) {
    if ((await codeOfAsync(beServed)) === DONE) return { refusals, elapsedMs: performance.now() - startedMs };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function attack(names: readonly string[], api: "userApi" | "meshApi", count: number): Promise<void> {
  const before = usageOf(coordinator);
  const attacker = Bun.spawn([process.execPath, ATTACKER, names.join(","), String(coordinator[api]), String(count)], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    await attacker.stdout.getReader().read();
    const times: number[] = [];
    let refusals = 0;
    for (const endMs = performance.now() + ATTACK_MS; times.length === 0 || performance.now() < endMs;) {
      const served = await untilServed();
      times.push(served.elapsedMs);
      refusals += served.refusals;
    }
    const during = usageOf(coordinator);
    expect(attacker.exitCode).toBeNull();
    if (IS_CAMPAIGN) {
      const [fastest, slowest] = [Math.min(...times), Math.max(...times)].map(Math.round);
      const served = `${times.length} served in ${fastest} to ${slowest} ms, ${refusals} refusals`;
      console.log(`${names.join(",")} on ${api}: ${served}; RSS ${during.rssMiB} MiB, ${during.files} files`);
    }
    expect(Math.max(...times)).toBeLessThan(DEADLINE_MS);
    expect(during.rssMiB).toBeLessThan(MOST_MIB);
  } finally {
    attacker.kill("SIGKILL");
    await attacker.exited;
  }
  await until(async () => usageOf(coordinator).files <= before.files + SPARE_FILES);
}

describe("contrast coordinator, compiled, serves and forgets its attackers:", () => {
  for (const api of ["userApi", "meshApi"] as const) {
    const groups = IS_CAMPAIGN ? CONNECTION_ATTACKS.map((name) => [name]) : [CONNECTION_ATTACKS];
    test.each(groups.map((names) => names.join(",")))(`%s on ${api}`, async (names) => {
      await attack(names.split(","), api, IS_CAMPAIGN ? 3000 : 150);
    });
  }

  const groups = IS_CAMPAIGN ? SESSION_ATTACKS.map((name) => [name]) : [SESSION_ATTACKS];
  test.each(groups.map((names) => names.join(",")))("%s", async (names) => {
    await attack(names.split(","), "userApi", IS_CAMPAIGN ? 20 : 1);
  });

  test("and has the memory of before, or nearly so", async () => {
    for (let round = 0; round < 20; round++) await beServed();
    const { rssMiB, files } = usageOf(coordinator);
    if (IS_CAMPAIGN) console.log(`afterwards: RSS ${rssMiB} MiB, ${files} files`);
    expect(rssMiB).toBeLessThan(MOST_MIB / 2);
    expect(coordinator.child.exitCode).toBeNull();
  });
});
