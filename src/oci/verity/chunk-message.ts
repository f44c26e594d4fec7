import { ContrastError } from "../../lib/errors.ts";

/** What a hashing thread is told: a chunk buffer, which it owns from then on, and the number of blocks in it. */
export interface ChunkJob {
  readonly buffer: ArrayBuffer;
  readonly blockCount: number;
}

/** What it answers: the same buffer, and 32 bytes. */
export interface ChunkResult {
  readonly buffer: ArrayBuffer;
  readonly digest: Uint8Array;
}

/** Takes a message to a thread for what it must be. */
export function parseChunkJob(data: unknown): ChunkJob {
  const buffer = bufferOf(data);
  if (typeof data === "object" && data !== null && "blockCount" in data && typeof data.blockCount === "number") {
    return { buffer, blockCount: data.blockCount };
  }
  throw foreignMessage();
}

/** Takes the answer of a thread for what it must be. */
export function parseChunkResult(data: unknown): ChunkResult {
  const buffer = bufferOf(data);
  if (typeof data === "object" && data !== null && "digest" in data && data.digest instanceof Uint8Array) {
    return { buffer, digest: data.digest };
  }
  throw foreignMessage();
}

function bufferOf(data: unknown): ArrayBuffer {
  if (typeof data === "object" && data !== null && "buffer" in data && data.buffer instanceof ArrayBuffer) {
    return data.buffer;
  }
  throw foreignMessage();
}

function foreignMessage(): ContrastError {
  return new ContrastError("lib/internal", "Cannot hash: a thread got a message that is none of ours");
}
