import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { AuthorityBench, openShares, requestFor, SHARE_OWNER, WORKLOAD_OWNER } from "../fakes/authority-bench.ts";
import type { Pick } from "../fakes/disk-node.ts";
import { FailingDisk } from "../fakes/failing-disk.ts";
import { refusalOf } from "../fakes/refusal.ts";

/** What a crash may leave: what is durable, or everything. */
const PICKS: readonly Pick[] = [() => 0, (count) => count - 1];

/** Where the first manifest ends, and where the second one does, in steps of the disk. */
async function stepsOfManifests(): Promise<readonly [first: number, second: number]> {
  const bench = new AuthorityBench();
  const process = await bench.start();
  await process.setManifest(requestFor("web"), undefined);
  const first = bench.disk.steps;
  await process.setManifest(requestFor("api"), WORKLOAD_OWNER);
  return [first, bench.disk.steps];
}

function diskThatCrashes(step: number): FailingDisk {
  const disk = new FailingDisk();
  disk.crashAt = step;
  return disk;
}

// Each step of a store is a Coordinator of its own; a busy machine needs seconds for all of them.
setDefaultTimeout(60_000);

describe("a crash of a Coordinator", () => {
  test("at each step of an update leaves a deployment that its share owner recovers, with or without the update", async () => {
    const [first, second] = await stepsOfManifests();
    const seen = new Set<number>();
    for (let step = first + 1; step <= second + 1; step++) {
      const bench = new AuthorityBench(diskThatCrashes(step));
      const process = await bench.start();
      const shares = openShares(await process.setManifest(requestFor("web"), undefined));
      const isAcknowledged = await process.setManifest(requestFor("api"), WORKLOAD_OWNER).then(
        () => true,
        () => false,
      );
      for (const pick of PICKS) {
        const restarted = await new AuthorityBench(bench.disk.afterCrash(pick)).start();
        await restarted.recover({ ...shares, seed: shares.seed.slice() }, SHARE_OWNER);
        const { manifests, policies } = await restarted.getManifests();
        expect(isAcknowledged && manifests.length === 1).toBe(false);
        expect(manifests).toEqual([requestFor("web"), requestFor("api")].slice(0, manifests.length).map(manifestOf));
        expect(policies).toHaveLength(manifests.length);
        seen.add(manifests.length);
        await restarted.setManifest(requestFor("db"), WORKLOAD_OWNER);
      }
    }
    expect(seen).toEqual(new Set([1, 2]));
  });

  test("at each step of the first manifest leaves nothing, or a deployment that nobody has the seed of", async () => {
    const [first] = await stepsOfManifests();
    const seen = new Set<string>();
    for (let step = 1; step <= first; step++) {
      const bench = new AuthorityBench(diskThatCrashes(step));
      const failed = await bench
        .start()
        .then((process) => process.setManifest(requestFor("web"), undefined))
        .then(
          () => false,
          () => true,
        );
      for (const pick of PICKS) {
        const restarted = await new AuthorityBench(bench.disk.afterCrash(pick)).start();
        const attempt = await restarted.setManifest(requestFor("api"), undefined).then(
          () => "set",
          async (error: unknown) => (await refusalOf(Promise.reject(error))).code,
        );
        seen.add(attempt);
        if (attempt === "set") expect((await restarted.getManifests()).manifests).toHaveLength(1);
        // What was acknowledged is not lost; the step after the commit may crash nonetheless.
        if (!failed) expect(attempt).toBe("coordinator/recovery-mode");
      }
    }
    expect([...seen].toSorted()).toEqual(["coordinator/recovery-mode", "set"]);
  });
});

function manifestOf({ manifest }: { readonly manifest: Uint8Array }): Uint8Array {
  return manifest;
}
