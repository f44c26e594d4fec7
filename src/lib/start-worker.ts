import { availableParallelism } from "node:os";

/** A thread that answers each message with one message, in order. */
export interface WorkerThread {
  /** @param transfer buffers that change their owner instead of being copied */
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  /** Whether the program waits for this thread before it ends. */
  keepAlive(isNeeded: boolean): void;
  stop(): void;
}

/** Threads that run at the same time on this machine. */
export function coreCount(): number {
  return availableParallelism();
}

/**
 * Starts a thread from a module of this program. The build must name the module as a further entry
 * (`WORKER_ENTRIES` of scripts/build/compile-binary.ts): in the finished program it is JavaScript beside all others.
 *
 * @param modulePath below `src/`, such as `oci/verity/chunk-worker.ts`
 * @param onMessage receives each answer
 * @param onFailure called when the thread cannot be started or breaks; it answers nothing from then on
 */
export function startWorker(
  modulePath: string,
  onMessage: (data: unknown) => void,
  onFailure: (error: Error) => void,
): WorkerThread {
  // oxlint-disable-next-line no-restricted-globals -- tells the finished program from its sources
  const url = Bun.isStandaloneExecutable ? `./${modulePath.replace(/\.ts$/, ".js")}` : `../${modulePath}`;
  const worker = new Worker(new URL(url, import.meta.url).href);
  worker.unref();
  worker.addEventListener("message", (event: MessageEvent<unknown>) => onMessage(event.data));
  worker.addEventListener("error", (event: ErrorEvent) => onFailure(new Error(event.message)));
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    keepAlive: (isNeeded) => (isNeeded ? worker.ref() : worker.unref()),
    stop: () => worker.terminate(),
  };
}
