import { ContrastError, messageOf } from "../../lib/errors.ts";
import { coreCount, startWorker, type WorkerThread } from "../../lib/start-worker.ts";
import { type ChunkJob, parseChunkResult } from "./chunk-message.ts";
import { CHUNK_BUFFER_BYTES, hashChunk } from "./hash-chunk.ts";

/** Hashes chunks on several cores. Memory is bounded: whoever hands over more than fits hashes it himself. */
export interface ChunkPool {
  /** A buffer of `CHUNK_BUFFER_BYTES` with any content. */
  takeBuffer(): ArrayBuffer;
  /** Hashes a chunk; the buffer belongs to the pool from then on. */
  hash(buffer: ArrayBuffer, blockCount: number): Promise<Uint8Array> | Uint8Array;
  /** Ends all threads; chunks under way fail. */
  close(): void;
}

/** More threads than this are faster than any decompression. */
const MAX_WORKERS = 3;
/** Chunks that wait for a thread, so that it never has to wait. */
const QUEUE_LENGTH = 4;
/** Chunks of 512 KiB before threads are worth their start. */
const CHUNKS_BEFORE_WORKERS = 32;
const MAX_SPARE_BUFFERS = 16;
const WORKER_MODULE = "oci/verity/chunk-worker.ts";

/**
 * Makes a pool. The caller's thread takes part, so there is one thread less than cores; small layers start none, and
 * where threads cannot be started everything is hashed by the caller.
 *
 * @param onFailure told why a thread cannot be used
 * @param workerCount threads beside the caller's
 */
export function createChunkPool(
  onFailure: (error: Error) => void,
  workerCount: number = Math.min(coreCount() - 1, MAX_WORKERS),
): ChunkPool {
  const spare: ArrayBuffer[] = [];
  const recycle = (buffer: ArrayBuffer): void => {
    if (spare.length < MAX_SPARE_BUFFERS) spare.push(buffer);
  };
  let threads: HashThread[] = [];
  let chunks = 0;
  const freeThread = (): HashThread | undefined => {
    if (chunks < CHUNKS_BEFORE_WORKERS) return undefined;
    while (threads.length < workerCount) threads.push(new HashThread(recycle, onFailure));
    const [idlest] = threads.filter(({ hasRoom }) => hasRoom).toSorted((a, b) => a.queued - b.queued);
    return idlest;
  };
  return {
    takeBuffer: () => spare.pop() ?? new ArrayBuffer(CHUNK_BUFFER_BYTES),
    hash: (buffer, blockCount) => {
      chunks++;
      const thread = freeThread();
      if (thread !== undefined) return thread.hash(buffer, blockCount);
      const digest = hashChunk(new Uint8Array(buffer), blockCount);
      recycle(buffer);
      return digest;
    },
    close: () => {
      for (const thread of threads) thread.stop(new Error("the pool was closed"));
      threads = [];
      chunks = 0;
    },
  };
}

/** One thread and the chunks that it was given; it gets none before it has answered once. */
class HashThread {
  readonly #worker: WorkerThread;
  readonly #waiting: PromiseWithResolvers<Uint8Array>[] = [];
  #isReady = false;
  #isStopped = false;

  constructor(recycle: (buffer: ArrayBuffer) => void, onFailure: (error: Error) => void) {
    this.#worker = startWorker(
      WORKER_MODULE,
      (data) => {
        const { buffer, digest } = parseChunkResult(data);
        this.#isReady = true;
        this.#waiting.shift()?.resolve(digest);
        if (this.#waiting.length === 0) this.#worker.keepAlive(false);
        recycle(buffer);
      },
      (error) => {
        onFailure(error);
        this.stop(error);
      },
    );
    const greeting: ChunkJob = { buffer: new ArrayBuffer(CHUNK_BUFFER_BYTES), blockCount: 1 };
    this.#waiting.push(Promise.withResolvers());
    this.#worker.post(greeting, [greeting.buffer]);
  }

  get queued(): number {
    return this.#waiting.length;
  }

  get hasRoom(): boolean {
    return this.#isReady && !this.#isStopped && this.#waiting.length < QUEUE_LENGTH;
  }

  hash(buffer: ArrayBuffer, blockCount: number): Promise<Uint8Array> {
    const result = Promise.withResolvers<Uint8Array>();
    // Whoever gives up reading a layer does not wait for its chunks.
    result.promise.catch(() => {});
    if (this.#waiting.length === 0) this.#worker.keepAlive(true);
    this.#waiting.push(result);
    const job: ChunkJob = { buffer, blockCount };
    this.#worker.post(job, [buffer]);
    return result.promise;
  }

  stop(reason: Error): void {
    this.#isStopped = true;
    this.#worker.stop();
    const error = new ContrastError("lib/internal", `Cannot hash layers: ${messageOf(reason)}`, { cause: reason });
    // The greeting, which nobody waits for, may be among them.
    for (const { promise, reject } of this.#waiting.splice(0)) {
      promise.catch(() => {});
      reject(error);
    }
  }
}
