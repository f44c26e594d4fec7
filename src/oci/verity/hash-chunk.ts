import { sha256Into } from "../../lib/sha256-into.ts";

/** Data and hash blocks of the tree have the same size. */
export const VERITY_BLOCK_BYTES = 4096;
/** SHA-256. */
const DIGEST_BYTES = 32;
/** The salt is all zeros and goes before every block. */
export const SALT_BYTES = 32;
/** Digests that one hash block holds. */
const DIGESTS_PER_BLOCK = VERITY_BLOCK_BYTES / DIGEST_BYTES;
/** Data below one hash block of the lowest level: the unit in which images are hashed. */
const CHUNK_DATA_BYTES = DIGESTS_PER_BLOCK * VERITY_BLOCK_BYTES;
/** Buffer for one chunk: room for the salt of its first block, then the data. */
export const CHUNK_BUFFER_BYTES = SALT_BYTES + CHUNK_DATA_BYTES;

/**
 * Digest of the hash block above up to 128 data blocks.
 *
 * Each block is hashed where it lies: once a block is done, its last 32 bytes become the salt of the next one. The
 * data is therefore destroyed.
 *
 * @param buffer 32 bytes for the salt, then whole data blocks; modified
 * @param blockCount 1 to 128
 * @returns 32 bytes
 * @see Linux kernel, Documentation/admin-guide/device-mapper/verity.rst, hash format 1
 */
export function hashChunk(buffer: Uint8Array, blockCount: number): Uint8Array {
  const hashBlock = new Uint8Array(SALT_BYTES + VERITY_BLOCK_BYTES);
  const digest = new Uint8Array(DIGEST_BYTES);
  for (let index = 0; index < blockCount; index++) {
    const start = index * VERITY_BLOCK_BYTES;
    buffer.fill(0, start, start + SALT_BYTES);
    sha256Into(buffer.subarray(start, start + SALT_BYTES + VERITY_BLOCK_BYTES), digest);
    hashBlock.set(digest, SALT_BYTES + index * DIGEST_BYTES);
  }
  return hashHashBlock(hashBlock);
}

/**
 * Root of the tree above the digests of its chunks.
 *
 * @param chunks 32 bytes for each chunk of the image, in order; at least one
 */
export function rootOfChunks(chunks: readonly Uint8Array[]): Uint8Array {
  let level = chunks;
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let first = 0; first < level.length; first += DIGESTS_PER_BLOCK) {
      const hashBlock = new Uint8Array(SALT_BYTES + VERITY_BLOCK_BYTES);
      for (const [index, digest] of level.slice(first, first + DIGESTS_PER_BLOCK).entries()) {
        hashBlock.set(digest, SALT_BYTES + index * DIGEST_BYTES);
      }
      above.push(hashHashBlock(hashBlock));
    }
    level = above;
  }
  return level[0] ?? new Uint8Array(DIGEST_BYTES);
}

function hashHashBlock(salted: Uint8Array): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES);
  sha256Into(salted, digest);
  return digest;
}
