import { ContrastError } from "../../lib/errors.ts";
import type { ChunkPool } from "./chunk-pool.ts";
import { CHUNK_BUFFER_BYTES, rootOfChunks, SALT_BYTES, VERITY_BLOCK_BYTES } from "./hash-chunk.ts";

/**
 * Computes the dm-verity root hash of an image that arrives piece by piece: SHA-256, blocks of 4096 bytes, a salt of 32
 * zero bytes, hash format 1. Of each 512 KiB of the image 32 bytes are kept.
 *
 * As on the nodes, and unlike in the kernel, a single block has a hash block above it; indexed layers have more anyway.
 */
export class VerityHasher {
  readonly #pool: ChunkPool;
  readonly #chunks: Uint8Array[] = [];
  readonly #pending: Promise<void>[] = [];
  #buffer: ArrayBuffer;
  #view: Uint8Array;
  #filled = SALT_BYTES;
  #sizeBytes = 0;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.#buffer = pool.takeBuffer();
    this.#view = new Uint8Array(this.#buffer);
  }

  /** Bytes so far. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** @param bytes copied */
  write(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length;) {
      const step = Math.min(bytes.length - offset, CHUNK_BUFFER_BYTES - this.#filled);
      this.#view.set(bytes.subarray(offset, offset + step), this.#filled);
      this.#filled += step;
      offset += step;
      if (this.#filled === CHUNK_BUFFER_BYTES) this.#flush();
    }
    this.#sizeBytes += bytes.length;
  }

  /**
   * The root of everything that was written; nothing may be written afterwards.
   *
   * @returns 64 lower-case hexadecimal digits
   * @throws ContrastError `lib/internal` unless the size is a positive multiple of 4096
   */
  async finish(): Promise<string> {
    if (this.#sizeBytes === 0 || this.#sizeBytes % VERITY_BLOCK_BYTES !== 0) {
      throw new ContrastError("lib/internal", `Cannot compute a root hash over ${this.#sizeBytes} bytes`);
    }
    if (this.#filled > SALT_BYTES) this.#flush();
    await Promise.all(this.#pending);
    return rootOfChunks(this.#chunks).toHex();
  }

  #flush(): void {
    const index = this.#chunks.length;
    const result = this.#pool.hash(this.#buffer, (this.#filled - SALT_BYTES) / VERITY_BLOCK_BYTES);
    if (result instanceof Uint8Array) {
      this.#chunks.push(result);
    } else {
      this.#chunks.push(NOT_YET);
      const stored = result.then((digest) => {
        this.#chunks[index] = digest;
      });
      // A failure is thrown by finish(); who never gets there has an error of his own.
      stored.catch(() => {});
      this.#pending.push(stored);
    }
    this.#buffer = this.#pool.takeBuffer();
    this.#view = new Uint8Array(this.#buffer);
    this.#filled = SALT_BYTES;
  }
}

const NOT_YET = new Uint8Array(0);
