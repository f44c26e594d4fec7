import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nodeDisk } from "../../src/lib/disk.ts";
import { sleep } from "../../src/lib/sleep.ts";
import { runInitializer } from "../../src/initializer/run-initializer.ts";
import type { CoordinatorSession } from "../../src/rpc/coordinator-session.ts";
import { dialMeshApi, type MeshSession } from "../../src/rpc/dial-mesh-api.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { contrastBinary } from "./binary.ts";
import { type CompiledCoordinator, CoordinatorBench } from "./coordinator-bench.ts";
import { outcomeOf } from "./run-binary.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

const CLIENTS = 64;
const GENERATIONS = IS_CAMPAIGN ? 50 : 2;
const INITIALIZERS = IS_CAMPAIGN ? 1000 : 60;
const PROCESSES = IS_CAMPAIGN ? 8 : 2;
const DONE = "no error, returned object";

async function dialAll(
  bench: CoordinatorBench,
  ...coordinators: readonly CompiledCoordinator[]
): Promise<CoordinatorSession[]> {
  const turns = Array.from({ length: CLIENTS }, (_, index) => coordinators[index % coordinators.length]!);
  return await Promise.all(turns.map((coordinator) => bench.dialUser(coordinator)));
}

/** Lets every client set a manifest of its own. @returns codes of how that went, and which manifests there are now */
async function setAtOnce(
  bench: CoordinatorBench,
  sessions: readonly CoordinatorSession[],
  generation: number,
  previous?: Uint8Array,
): Promise<{ codes: readonly string[]; wonBy: readonly string[]; manifests: readonly string[]; latest: Uint8Array }> {
  const own = sessions.map((_, index) => bench.manifest(`client-${index}-of-${generation}`));
  const codes = await Promise.all(
    sessions.map((session, index) => codeOfAsync(() => session.setManifest(own[index]!, bench.policies, previous))),
  );
  const { manifests, latestTransition } = await sessions[0]!.getManifests();
  return {
    codes,
    wonBy: own.filter((_, index) => codes[index] === DONE).map((manifest) => Buffer.from(manifest).toString()),
    manifests: manifests.map((manifest) => Buffer.from(manifest).toString()),
    latest: latestTransition!,
  };
}

describe("contrast coordinator", () => {
  test("lets exactly one of 64 clients follow a manifest that all have seen", async () => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const coordinator = await bench.start();
    await bench.setFirst(coordinator);
    const sessions = await dialAll(bench, coordinator);
    let previous = (await sessions[0]!.getManifests()).latestTransition;
    for (let generation = 2; generation < 2 + GENERATIONS; generation++) {
      const { codes, wonBy, manifests, latest } = await setAtOnce(bench, sessions, generation, previous);
      expect(codes.filter((code) => code !== DONE)).toEqual(conflicts(CLIENTS - 1));
      expect([manifests.length, manifests.at(-1)]).toEqual([generation, wonBy[0]!]);
      previous = latest;
    }
    for (const session of sessions) session.close();
  });

  test("makes one chain with others of its kind of what 64 clients set at once", async () => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const first = await bench.start();
    const owned = await bench.setFirst(first);
    const second = await bench.start();
    await bench.recover(second, owned);
    const sessions = await dialAll(bench, first, second);
    let before: readonly string[] = [Buffer.from(bench.manifest()).toString()];
    for (let generation = 2; generation < 2 + GENERATIONS; generation++) {
      const { codes, wonBy, manifests } = await setAtOnce(bench, sessions, generation);
      const lost = codes.filter((code) => code !== DONE);
      expect(lost).toEqual(conflicts(CLIENTS - wonBy.length));
      expect(wonBy.length).toBeGreaterThan(0);
      expect(manifests.slice(0, before.length)).toEqual([...before]);
      expect(manifests.slice(before.length).toSorted()).toEqual([...wonBy].toSorted());
      before = manifests;
    }
    // Both of them tell it.
    expect((await sessions[1]!.getManifests()).manifests).toHaveLength(before.length);
    for (const session of sessions) session.close();
  });

  test("gives every Initializer a certificate of its CA, though it restarts between them", async () => {
    const directory = temporaryDirectory();
    await using bench = await CoordinatorBench.create(directory);
    const first = await bench.start();
    const owned = await bench.setFirst(first);
    const output = (index: number): string => join(directory, `workload-${index}`);
    let answers = 0;
    const isMiddle = Promise.withResolvers<void>();
    const dial: typeof dialMeshApi = async (endpoint, options) => {
      const session = await dialMeshApi(endpoint, options);
      const newMeshCert: MeshSession["newMeshCert"] = async () => {
        const certificate = await session.newMeshCert();
        answers++;
        if (answers === Math.ceil(INITIALIZERS / 3)) {
          first.child.kill("SIGKILL");
          isMiddle.resolve();
        }
        return certificate;
      };
      return { ...session, newMeshCert };
    };
    const initialize = async (index: number, { meshApi }: CompiledCoordinator): Promise<string> => {
      await runInitializer(
        {
          endpoint: { host: "127.0.0.1", port: meshApi },
          issuer: bench.webIssuer(),
          outputDirectory: output(index),
          pauseMs: 500,
        },
        {
          dial,
          disk: nodeDisk,
          now: () => new Date(),
          sleep,
          log: recordLog(),
          signal: new AbortController().signal,
        },
      );
      return meshCaOf(output(index));
    };
    const startProcess = async (index: number): Promise<string> => {
      const guest = ["--insecure-simulated-guest", bench.path("web-guest.json")];
      const words = ["initializer", "--output-dir", output(index), "--retry-interval", "1", ...guest];
      const env = { HOME: directory, COORDINATOR_HOST: `127.0.0.1:${first.meshApi}` };
      const child = Bun.spawn([await contrastBinary(), ...words, ...bench.trustFlags()], {
        env,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      expect(await outcomeOf(child)).toMatchObject({ status: 0 });
      return meshCaOf(output(index));
    };
    const meshCaBefore = await currentMeshCa(bench, first);
    const startedMs = performance.now();
    const pending = [
      ...Array.from({ length: INITIALIZERS }, (_, index) => initialize(index, first)),
      ...Array.from({ length: PROCESSES }, (_, index) => startProcess(INITIALIZERS + index)),
    ];
    await isMiddle.promise;
    await first.kill();
    const second = await bench.start({ ports: first });
    await bench.recover(second, owned);
    const meshCa = await currentMeshCa(bench, second);
    expect(meshCa).not.toBe(meshCaBefore);
    const given = await Promise.all(pending);
    const elapsedMs = Math.round(performance.now() - startedMs);
    const old = given.filter((ca) => ca === meshCaBefore).length;
    expect(given.filter((ca) => ca === meshCa)).toHaveLength(given.length - old);
    expect([old > 0, old < given.length]).toEqual([true, true]);
    // Workloads that were certified before the recovery are restarted; then all have the CA in force.
    const restarted = given.flatMap((ca, index) => (ca === meshCa ? [] : [initialize(index, second)]));
    for (const ca of await Promise.all(restarted)) expect(ca).toBe(meshCa);
    for (let index = 0; index < given.length; index++) {
      const chain = readFileSync(join(output(index), "tls-config/certChain.pem"), "utf8");
      expect(new X509Certificate(chain).verify(new X509Certificate(meshCa).publicKey)).toBe(true);
    }
    if (IS_CAMPAIGN) console.log(`${given.length} Initializers, ${old} before the kill, all in ${elapsedMs} ms`);
  });
});

const conflicts = (count: number): string[] => Array.from({ length: count }, () => "rpc/changed-concurrently");

function meshCaOf(directory: string): string {
  return readFileSync(join(directory, "tls-config/mesh-ca.pem"), "utf8");
}

async function currentMeshCa(bench: CoordinatorBench, coordinator: CompiledCoordinator): Promise<string> {
  const session = await bench.dialUser(coordinator);
  const { meshCaPem } = await session.getManifests();
  session.close();
  return Buffer.from(meshCaPem).toString();
}
