import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { createChunkPool } from "../../../src/oci/verity/chunk-pool.ts";
import { VerityHasher } from "../../../src/oci/verity/verity-hasher.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { indexedLayer } from "../../fakes/indexed-layer.ts";
import { referenceRoot } from "../../fakes/reference-layer.ts";
import { KNOWN_LAYERS } from "./known-layers.ts";

/** All threads that these tests start must work. */
const noFailure = (error: Error): never => {
  throw error;
};
const BLOCK = 4096;
/** Data below one hash block. */
const CHUNK = 128 * BLOCK;

async function rootOf(
  image: Uint8Array,
  pieceBytes = image.length,
  pool = createChunkPool(noFailure, 0),
): Promise<string> {
  const hasher = new VerityHasher(pool);
  for (let at = 0; at < image.length; at += pieceBytes) hasher.write(image.subarray(at, at + pieceBytes));
  return await hasher.finish();
}

describe("VerityHasher", () => {
  test.each(KNOWN_LAYERS)("gives the known root of $name", async ({ gzip, special, classic }) => {
    const archive = gunzipSync(Buffer.from(gzip, "base64"));
    expect(await rootOf(indexedLayer(archive))).toBe(special.root);
    expect(await rootOf(indexedLayer(archive, { variant: "classic" }))).toBe((classic ?? special).root);
  });

  test.each([
    ["one block", BLOCK],
    ["one block less than a full hash block", CHUNK - BLOCK],
    ["exactly one hash block", CHUNK],
    ["one block more", CHUNK + BLOCK],
    ["several chunks", 5 * CHUNK + 7 * BLOCK],
  ])("agrees with a plain tree over %s, whatever the pieces", async (_, size) => {
    const image = randomBytes(size);
    const expected = referenceRoot(image);
    for (const pieceBytes of [size, 1000, BLOCK, CHUNK, CHUNK + 1])
      expect(await rootOf(image, pieceBytes)).toBe(expected);
  });

  test("agrees with a plain tree of three levels", async () => {
    const image = Buffer.alloc(129 * CHUNK);
    for (let at = 0; at < image.length; at += BLOCK) image.writeUInt32LE(at, at);
    expect(await rootOf(image, 1024 * 1024)).toBe(referenceRoot(image));
  });

  test("leaves the pieces as they were", async () => {
    const image = new Uint8Array(CHUNK).fill(7);
    await rootOf(image);
    expect(image.every((byte) => byte === 7)).toBe(true);
  });

  test.each([0, 1, BLOCK - 1, BLOCK + 1, CHUNK + 1])("refuses an image of %d bytes", async (size) => {
    expect(await codeOfAsync(() => rootOf(new Uint8Array(size)))).toBe("lib/internal");
  });
});

describe("createChunkPool()", () => {
  test("gives the same root with other threads, several images at once, and with none", async () => {
    const images = Array.from({ length: 3 }, () => randomBytes(45 * CHUNK + BLOCK));
    const alone = createChunkPool(noFailure, 0);
    const expected = await Promise.all(images.map((image) => rootOf(image, CHUNK, alone)));
    const pool = createChunkPool(noFailure, 2);
    try {
      const slowly = async (image: Uint8Array): Promise<string> => {
        const hasher = new VerityHasher(pool);
        for (let at = 0; at < image.length; at += CHUNK) {
          hasher.write(image.subarray(at, at + CHUNK));
          await Bun.sleep(0); // Lets the threads answer.
        }
        return await hasher.finish();
      };
      for (let round = 0; round < 2; round++) expect(await Promise.all(images.map(slowly))).toEqual(expected);
    } finally {
      pool.close();
    }
  });

  test("fails what is under way when it is closed, and works on afterwards", async () => {
    const pool = createChunkPool(noFailure, 1);
    const handOver = (): Promise<Uint8Array> | Uint8Array => pool.hash(pool.takeBuffer(), 128);
    let given = handOver();
    while (!(given instanceof Promise)) {
      await Bun.sleep(0); // Lets the thread start.
      given = handOver();
    }
    pool.close();
    expect(await codeOfAsync(async () => await given)).toBe("lib/internal");
    expect(pool.hash(pool.takeBuffer(), 1)).toBeInstanceOf(Uint8Array);
    pool.close();
  });
});
