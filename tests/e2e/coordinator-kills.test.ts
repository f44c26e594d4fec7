import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSeedEngine } from "../../src/coordinator/seed/seed-engine.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../fakes/campaign.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { seededRandom } from "../fakes/mutations.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { type CompiledCoordinator, CoordinatorBench, type OwnedSeed } from "./coordinator-bench.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

const KILLS = IS_CAMPAIGN ? 200 : 6;
/** After so many, a new history begins, so that none grows long. */
const KILLS_PER_HISTORY = IS_CAMPAIGN ? 20 : 6;
/** What the setting of a first manifest makes, in this order. */
const STAGES = ["policies", "manifests", "transitions", "claims", "transitions/latest"] as const;
const CHECKER = join(import.meta.dir, "../interop/history-checker/check-history");
const canCheck = hasPrograms("history after kills", "sh", "openssl", "sha256sum");

const pause = async (milliseconds: number): Promise<void> =>
  await new Promise((done) => setTimeout(done, milliseconds));

/** Sets manifests one after the other until the Coordinator is gone. @returns names that were acknowledged */
async function setUntilGone(
  bench: CoordinatorBench,
  coordinator: CompiledCoordinator,
  prefix: string,
  onFirst: () => void,
): Promise<readonly string[]> {
  const session = await bench.dialUser(coordinator);
  const acknowledged: string[] = [];
  onFirst();
  for (let index = 0; ; index++) {
    const name = `${prefix}-${index}`;
    const code = await codeOfAsync(() => session.setManifest(bench.manifest(name), bench.policies));
    if (code === "rpc/unavailable") break;
    // Somebody else may have been faster.
    expect(code).toBeOneOf(["no error, returned object", "rpc/changed-concurrently"]);
    if (code === "no error, returned object") acknowledged.push(name);
  }
  session.close();
  return acknowledged;
}

/** Names of all manifests, oldest first, as the Coordinator tells them. */
async function manifestNames(bench: CoordinatorBench, coordinator: CompiledCoordinator): Promise<readonly string[]> {
  const session = await bench.dialUser(coordinator);
  const { manifests } = await session.getManifests();
  session.close();
  return manifests.map((manifest) => /"SANs":\["((?!coordinator)[^"]+)"\]/.exec(Buffer.from(manifest).toString())![1]!);
}

/** What an independent program says about the history on disk. */
function checkHistory(directory: string, { seed, salt }: OwnedSeed): string {
  const key = join(directory, "..", "transaction-key.pem");
  const { transactionKey } = createSeedEngine(seed, salt);
  writeFileSync(key, createPublicKey(transactionKey).export({ type: "spki", format: "pem" }));
  const { stdout, stderr } = spawnSync("sh", [CHECKER, directory, key], { encoding: "utf8" });
  return stdout + stderr;
}

describe("contrast coordinator, killed while it sets manifests", () => {
  test("keeps all that it acknowledged, and is in the old or the new state", async () => {
    const seed = IS_CAMPAIGN ? Date.now() : 11;
    const below = seededRandom(seed);
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    let names: readonly string[] = [];
    let owned: OwnedSeed | undefined;
    let stateDirectory = "";
    let caught = 0;
    for (let round = 0; round < KILLS; round++) {
      if (round % KILLS_PER_HISTORY === 0) {
        stateDirectory = bench.path(`state-${round}`);
        owned = undefined;
      }
      const coordinator = await bench.start({ stateDirectory });
      if (owned === undefined) {
        owned = await bench.setFirst(coordinator);
        names = ["web"];
      } else {
        await bench.recover(coordinator, owned);
        const found = await manifestNames(bench, coordinator);
        // The seed, in case it fails.
        expect({ seed, found: found.slice(0, names.length) }).toEqual({ seed, found: [...names] });
        expect(found.length - names.length).toBeOneOf([0, 1]);
        caught += found.length - names.length;
        names = found;
      }
      const setting = Promise.withResolvers<void>();
      const acknowledged = setUntilGone(bench, coordinator, `round-${round}`, setting.resolve);
      await setting.promise;
      await pause(below(60));
      await coordinator.kill();
      names = [...names, ...(await acknowledged)];
      const isLast = (round + 1) % KILLS_PER_HISTORY === 0 || round === KILLS - 1;
      if (isLast && canCheck) {
        const [, transitions] =
          /OK (\d+) transitions, \d+ objects, signature valid/.exec(checkHistory(stateDirectory, owned)) ?? [];
        expect(Number(transitions) - names.length).toBeOneOf([0, 1]);
      }
    }
    if (IS_CAMPAIGN) console.log(`${KILLS} kills; ${caught} manifests were set without an answer; seed ${seed}`);
  });

  test("keeps what it and another one on the same history acknowledged", async () => {
    const below = seededRandom(IS_CAMPAIGN ? Date.now() : 3);
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    let survivor = await bench.start();
    const owned = await bench.setFirst(survivor);
    let before: readonly string[] = ["web"];
    for (let round = 0; round < (IS_CAMPAIGN ? 40 : 2); round++) {
      const victim = await bench.start();
      await bench.recover(victim, owned);
      const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
      const setting = [victim, survivor].map((coordinator, index) =>
        setUntilGone(bench, coordinator, `round-${round}-${index}`, begun[index]!.resolve),
      );
      await Promise.all(begun.map(({ promise }) => promise));
      await pause(below(200));
      await victim.kill();
      await pause(below(30));
      await survivor.kill();
      const acknowledged = await Promise.all(setting);
      survivor = await bench.start();
      await bench.recover(survivor, owned);
      const found = await manifestNames(bench, survivor);
      expect(found.slice(0, before.length)).toEqual([...before]);
      const added = found.slice(before.length);
      for (const own of acknowledged) expect(added.filter((name) => own.includes(name))).toEqual([...own]);
      // What was under way in each when it was killed.
      expect(added.length - acknowledged.flat().length).toBeOneOf([0, 1, 2]);
      before = found;
    }
  });

  test("is empty, or waits for recovery, when it set its first manifest", async () => {
    await using bench = await CoordinatorBench.create(temporaryDirectory());
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < (IS_CAMPAIGN ? 60 : STAGES.length); round++) {
      const stage = STAGES[round % STAGES.length]!;
      const stateDirectory = bench.path(`first-${round}`);
      const coordinator = await bench.start({ stateDirectory });
      const session = await bench.dialUser(coordinator);
      const setting = codeOfAsync(() => session.setManifest(bench.manifest(), bench.policies));
      while (!existsSync(join(stateDirectory, stage))) await pause(0);
      await coordinator.kill();
      const isAnswered = (await setting) === "no error, returned object";
      session.close();
      const isSet = existsSync(join(stateDirectory, "transitions/latest"));
      const restarted = await bench.start({ stateDirectory });
      const again = await bench.dialUser(restarted);
      const code = await codeOfAsync(() => again.getManifests());
      again.close();
      await restarted.kill();
      if (isAnswered) expect(code).toBe("rpc/recovery-needed");
      if (isSet) expect(code).toBe("rpc/recovery-needed");
      expect(code).toBeOneOf(["rpc/no-manifest", "rpc/recovery-needed"]);
      const outcome = `${stage}: ${isAnswered ? "answered" : code}`;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
    if (IS_CAMPAIGN) console.log("kills during a first manifest:", outcomes);
  });
});
