import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { openHistory } from "../../../src/coordinator/history/history.ts";
import type { LatestTransition } from "../../../src/coordinator/history/latest-transition.ts";
import { CAMPAIGN_TIMEOUT_MS, IS_CAMPAIGN } from "../../fakes/campaign.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { FailingDisk } from "../../fakes/failing-disk.ts";
import { manifestNames, setManifest } from "../../fakes/history-scenario.ts";
import { seededRandom } from "../../fakes/mutations.ts";

setDefaultTimeout(CAMPAIGN_TIMEOUT_MS);

const SEEDS = Array.from({ length: IS_CAMPAIGN ? 500 : 6 }, (_, index) => index);

/** A disk whose users are interleaved differently for each seed. */
function shuffledDisk(seed: number): FailingDisk {
  const disk = new FailingDisk();
  const below = seededRandom(seed);
  disk.beforeStep = async () => {
    for (let turns = below(20); turns > 0; turns--) await Promise.resolve();
  };
  return disk;
}

/** Tries until it is the one; histories are opened anew, as by another process each time. */
async function setAtLast(disk: FailingDisk, name: string): Promise<number> {
  for (let losses = 0; ; losses++) {
    const history = await openHistory("/state", disk);
    const expected = await history.latest();
    const outcome = await codeOfAsync(() => setManifest(history, expected, name));
    if (outcome.startsWith("no error")) return losses;
    expect(outcome).toBe("coordinator/history-changed");
  }
}

describe("advance()", () => {
  test.each(SEEDS.slice(0, 3))("lets one of 64 contenders with the same expectation win (seed %d)", async (seed) => {
    const disk = shuffledDisk(seed);
    const names = Array.from({ length: 64 }, (_, index) => `contender-${index}`);
    const outcomes = await Promise.all(
      names.map(async (name) => {
        const history = await openHistory("/state", disk);
        return await codeOfAsync(() => setManifest(history, undefined, name));
      }),
    );
    const winners = names.filter((_, index) => outcomes[index]?.startsWith("no error"));
    expect(winners).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "coordinator/history-changed")).toHaveLength(63);
    expect(await manifestNames(await openHistory("/state", disk))).toEqual(winners);
  });

  test.each(SEEDS)("by ten writers at once makes one chain with everything acknowledged (seed %d)", async (seed) => {
    const disk = shuffledDisk(seed);
    const names = Array.from({ length: 10 }, (_, index) => `writer-${index}`);
    const losses = await Promise.all(names.map((name) => setAtLast(disk, name)));
    expect(Math.max(...losses)).toBeGreaterThan(0);
    expect([...(await manifestNames(await openHistory("/state", disk)))].toSorted()).toEqual(names.toSorted());
  });

  test("is not taken back by a process that renames long after others have gone on", async () => {
    const disk = new FailingDisk();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    disk.beforeStep = async (name, path) => {
      if (name !== "rename" || path !== "/state/transitions/latest") return;
      disk.beforeStep = async () => {};
      reach();
      await released;
    };
    const slow = openHistory("/state", disk).then((history) => setManifest(history, undefined, "slow"));
    await reached;
    const other = await openHistory("/state", disk);
    const second = await setManifest(other, await other.latest(), "second");
    const third = await setManifest(other, second, "third");
    release();
    await slow;
    expect(await disk.read("/state/transitions/latest", 1000)).toEqual(third.bytes);
    expect(await manifestNames(await openHistory("/state", disk))).toEqual(["slow", "second", "third"]);
  });

  test("is not taken back when that process ends right after its rename", async () => {
    const disk = new FailingDisk();
    const first = await setManifest(await openHistory("/state", disk), undefined, "first");
    const history = await openHistory("/state", disk);
    const second = await setManifest(history, first, "second");
    await disk.createExclusive("/state/late", first.bytes);
    await disk.rename("/state/late", "/state/transitions/latest");
    const left = await openHistory(
      "/state",
      disk.afterCrash(() => 0),
    );
    expect(await codeOfAsync(() => setManifest(left, first, "fork"))).toBe("coordinator/history-changed");
    expect((await left.latest())?.bytes).toEqual(second.bytes);
    await disk.unlink("/state/transitions/latest");
    expect(await manifestNames(await openHistory("/state", disk))).toEqual(["first", "second"]);
  });

  test("is durable as soon as anybody has seen it, though its writer is not that far", async () => {
    const disk = new FailingDisk();
    const first = await setManifest(await openHistory("/state", disk), undefined, "first");
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    const never = new Promise<void>(() => {});
    disk.beforeStep = async (name, path) => {
      if (name !== "sync" || path !== "/state/claims") return;
      disk.beforeStep = async () => {};
      reach();
      await never;
    };
    void openHistory("/state", disk).then((history) => setManifest(history, first, "second"));
    await reached;
    // Nothing can be renamed now, so that only the claim can tell.
    disk.fault = { step: 0, code: "EROFS", lasting: true };
    const seen = await (await openHistory("/state", disk)).latest();
    expect(seen?.bytes).not.toEqual(first.bytes);
    expect(
      (
        await (
          await openHistory(
            "/state",
            disk.afterCrash(() => 0),
          )
        ).latest()
      )?.bytes,
    ).toEqual(seen!.bytes);
  });

  test("refuses what was read before somebody else went on", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const stale: (LatestTransition | undefined)[] = [undefined];
    stale.push(await setManifest(history, undefined, "first"));
    await setManifest(history, stale[1], "second");
    for (const expected of stale) {
      expect(await codeOfAsync(() => setManifest(history, expected, "late"))).toBe("coordinator/history-changed");
    }
    expect(await manifestNames(history)).toEqual(["first", "second"]);
  });

  test("continues a history whose latest transition an original Coordinator wrote", async () => {
    const disk = new FailingDisk();
    const history = await openHistory("/state", disk);
    const first = await setManifest(history, undefined, "first");
    const elsewhere = disk.afterCrash((count) => count - 1);
    const foreign = await setManifest(await openHistory("/state", elsewhere), first, "foreign");
    // The original knows no claims and writes in place.
    for (const area of ["manifests", "policies", "transitions"]) {
      for (const name of (await elsewhere.list(`/state/${area}`)) ?? []) {
        const bytes = (await elsewhere.read(`/state/${area}/${name}`, 1000)) ?? new Uint8Array();
        await disk.createExclusive("/state/copy", bytes);
        await disk.rename("/state/copy", `/state/${area}/${name}`);
      }
    }
    expect((await history.latest())?.bytes).toEqual(foreign.bytes);
    expect(await codeOfAsync(() => setManifest(history, first, "late"))).toBe("coordinator/history-changed");
    await setManifest(history, foreign, "ours");
    expect(await manifestNames(history)).toEqual(["first", "foreign", "ours"]);
  });
});
