import { describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { createChunkPool } from "../../src/oci/verity/chunk-pool.ts";
import { VerityHasher } from "../../src/oci/verity/verity-hasher.ts";
import { IS_CAMPAIGN } from "../fakes/campaign.ts";
import { indexedLayer } from "../fakes/indexed-layer.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { encodeRandomArchive, randomMembers } from "../fakes/random-archive.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const hasPeer = hasPrograms("layer hashes with veritysetup", "veritysetup");
const directory = temporaryDirectory();
/** All threads that these tests start must work. */
const noFailure = (error: Error): never => {
  throw error;
};
const pool = createChunkPool(noFailure);
const BLOCK = 4096;
const CHUNK = 128 * BLOCK;
/** Smallest image whose tree has three levels. */
const THREE_LEVELS = 128 * CHUNK + BLOCK;

/** What Debian's cryptsetup computes over a file. */
function peerRoot(path: string): string {
  const salt = `--salt=${"0".repeat(64)}`;
  const args = ["format", "--no-superblock", salt, path, join(directory, "tree")];
  const report = execFileSync("veritysetup", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return /^Root hash:\s+([0-9a-f]{64})$/m.exec(report)?.[1] ?? report;
}

/** Writes bytes that depend on seed and position, and hashes them on the way. */
async function compare(size: number, seed: number): Promise<readonly [ours: string, theirs: string]> {
  const path = join(directory, "image");
  const hasher = new VerityHasher(pool);
  const descriptor = openSync(path, "w");
  try {
    const piece = Buffer.alloc(1024 * 1024);
    for (let at = 0; at < size; at += piece.length) {
      // Every block is another one; filling them with noise would take longer than hashing them.
      for (let block = 0; block < piece.length; block += BLOCK) piece.writeDoubleLE(seed + at + block, block);
      const part = piece.subarray(0, Math.min(piece.length, size - at));
      writeSync(descriptor, part);
      hasher.write(part);
      await Bun.sleep(0); // Lets the threads answer.
    }
  } finally {
    closeSync(descriptor);
  }
  return [await hasher.finish(), peerRoot(path)];
}

describe.if(hasPeer)("VerityHasher", () => {
  test.each([
    // Over a single block the tools of the kernel build no tree at all; an indexed layer has two blocks at least.
    ["two blocks", 2 * BLOCK],
    ["one block less than a hash block", CHUNK - BLOCK],
    ["one hash block", CHUNK],
    ["two levels, barely", CHUNK + BLOCK],
    ["two levels, full", 128 * CHUNK],
    ["three levels, barely", THREE_LEVELS],
  ])("agrees with veritysetup over %s", async (_, size) => {
    const [ours, theirs] = await compare(size, 1);
    expect(ours).toBe(theirs);
  });

  test(
    "agrees with veritysetup over images of random sizes",
    async () => {
      const [runs, maxBlocks] = IS_CAMPAIGN ? [200, 3 * (THREE_LEVELS / BLOCK)] : [12, 3000];
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 2, max: maxBlocks }), fc.nat(1000), async (blocks, seed) => {
          const [ours, theirs] = await compare(blocks * BLOCK, seed);
          expect(ours).toBe(theirs);
        }),
        { numRuns: runs, seed: 41 },
      );
    },
    IS_CAMPAIGN ? 600_000 : 20_000,
  );

  test("agrees with veritysetup over indexed layers, from an archive of no byte at all", async () => {
    const path = join(directory, "layer");
    const archives = fc.sample(
      fc
        .tuple(randomMembers, fc.integer({ min: 1, max: 40 }))
        .map(([members, blocks]) => encodeRandomArchive(members, blocks)),
      { numRuns: IS_CAMPAIGN ? 300 : 12, seed: 7 },
    );
    for (const archive of [Buffer.alloc(0), ...archives]) {
      let image: Buffer;
      try {
        image = indexedLayer(archive);
      } catch {
        continue; // Refused, for what is no matter of the tree.
      }
      writeFileSync(path, image);
      const hasher = new VerityHasher(pool);
      hasher.write(image);
      expect(await hasher.finish()).toBe(peerRoot(path));
    }
  });
});
