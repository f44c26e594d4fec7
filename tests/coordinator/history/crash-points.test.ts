import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { openHistory } from "../../../src/coordinator/history/history.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import type { Pick } from "../../fakes/disk-node.ts";
import { FailingDisk, SimulatedCrash } from "../../fakes/failing-disk.ts";
import { manifestNames, setManifest } from "../../fakes/history-scenario.ts";
import { seededRandom } from "../../fakes/mutations.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

const NAMES = ["first", "second", "third", "fourth", "fifth"];
const MIXES = IS_CAMPAIGN ? 200 : 3;

/** Sets the manifests one after the other until the disk crashes; returns those that were acknowledged. */
async function setUntilCrash(disk: FailingDisk, names: readonly string[]): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  try {
    const history = await openHistory("/state", disk);
    for (const name of names) {
      await setManifest(history, await history.latest(), name);
      acknowledged.push(name);
    }
  } catch (error) {
    if (!(error instanceof SimulatedCrash)) throw error;
  }
  return acknowledged;
}

/** What a crash may have left: everything, nothing but what is durable, and mixtures. */
function picks(seed: number): readonly Pick[] {
  const mixes = Array.from({ length: MIXES }, (_, index) => seededRandom(seed * 1000 + index));
  return [(count) => count - 1, () => 0, ...mixes];
}

/** Fails unless exactly the acknowledged manifests are there, or those and the one that was under way. */
async function expectOldOrNew(disk: FailingDisk, acknowledged: readonly string[], all: readonly string[]) {
  const names = await manifestNames(await openHistory("/state", disk));
  expect([acknowledged.length, acknowledged.length + 1]).toContain(names.length);
  expect(names).toEqual(all.slice(0, names.length));
  return names;
}

async function stepsOf(names: readonly string[]): Promise<number> {
  const disk = new FailingDisk();
  expect(await setUntilCrash(disk, names)).toEqual(names);
  return disk.steps;
}

describe("a crash of the machine", () => {
  test("at each of at least 200 steps of five manifests leaves the old or the new state, and a usable history", async () => {
    const steps = await stepsOf(NAMES);
    expect(steps).toBeGreaterThan(200);
    const seen = { old: 0, next: 0 };
    for (let step = 1; step <= steps; step++) {
      const disk = new FailingDisk();
      disk.crashAt = step;
      const acknowledged = await setUntilCrash(disk, NAMES);
      for (const pick of picks(step)) {
        const left = disk.afterCrash(pick);
        const names = await expectOldOrNew(left, acknowledged, NAMES);
        if (names.length > acknowledged.length) seen.next++;
        else seen.old++;
        expect(await setUntilCrash(left, ["after"])).toEqual(["after"]);
        expect(await manifestNames(await openHistory("/state", left))).toEqual([...names, "after"]);
      }
    }
    expect(seen.old).toBeGreaterThan(0);
    expect(seen.next).toBeGreaterThan(0);
  });

  test("while the crash before it is being repaired leaves the old or the new state", async () => {
    const before = await stepsOf(["first"]);
    const steps = await stepsOf(["first", "second"]);
    // Every way to crash in the second manifest, then at every step of the next process.
    for (let step = before + 1; step <= steps; step += IS_CAMPAIGN ? 1 : 5) {
      const disk = new FailingDisk();
      disk.crashAt = step;
      const acknowledged = await setUntilCrash(disk, ["first", "second"]);
      for (const pick of picks(step).slice(0, 3)) {
        const left = disk.afterCrash(pick);
        const all = [
          ...(await expectOldOrNew(
            left.afterCrash(() => 0),
            acknowledged,
            ["first", "second"],
          )),
          "third",
        ];
        for (let again = 1; ; again++) {
          const second = left.afterCrash(() => 0);
          second.crashAt = again;
          const more = await setUntilCrash(second, ["third"]);
          if (more.length > 0) break;
          const names = await manifestNames(await openHistory("/state", second.afterCrash(seededRandom(again))));
          expect([all, all.slice(0, -1)]).toContainEqual([...names]);
        }
      }
    }
  });

  test("leaves what an original Coordinator reads, after every acknowledgement", async () => {
    const disk = new FailingDisk();
    for (const name of NAMES) {
      const history = await openHistory("/state", disk);
      const { bytes } = await setManifest(history, await history.latest(), name);
      expect(await disk.afterCrash(() => 0).read("/state/transitions/latest", 1000)).toEqual(bytes);
    }
  });

  test("leaves what an original Coordinator reads once the next one has looked", async () => {
    const steps = await stepsOf(["first", "second"]);
    for (let step = 1; step <= steps; step++) {
      const disk = new FailingDisk();
      disk.crashAt = step;
      await setUntilCrash(disk, ["first", "second"]);
      const left = disk.afterCrash(() => 0);
      const latest = await (await openHistory("/state", left)).latest();
      const stored = await left.afterCrash(() => 0).read("/state/transitions/latest", 1000);
      expect(stored?.toHex() ?? "none").toBe(latest?.bytes.toHex() ?? "none");
    }
  });
});
