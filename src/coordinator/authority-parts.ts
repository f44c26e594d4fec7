import type { Logger } from "../lib/log.ts";
import type { Semaphore } from "../lib/semaphore.ts";
import type { AnswerExtents } from "./answer-extent.ts";
import type { History } from "./history/history.ts";
import type { Seed } from "./seed/seed-shares.ts";
import type { Snapshot, SnapshotCell } from "./snapshot.ts";

/** What the calls of one Coordinator share. */
export interface AuthorityParts {
  readonly history: History;
  readonly now: () => Date;
  readonly log: Logger;
  /** Hears of each generation that comes into force in this process. */
  readonly onGeneration: (generation: number) => void;
  readonly drawSeed: () => Seed;
  readonly extents: AnswerExtents;
  readonly cell: SnapshotCell;
  /** Of one: whoever compares the store with memory, or changes both, is alone. */
  readonly exclusive: Semaphore;
  /** Of one: of many new manifests at once, the first that gets here is written, and the others are not. */
  readonly writers: Semaphore;
  /**
   * Compares memory with the store, and follows another process that went on from here.
   *
   * @returns the snapshot in force, undefined for an empty history
   * @throws ContrastError `coordinator/recovery-mode`, `coordinator/history-failed`
   */
  readonly sync: () => Promise<Snapshot | undefined>;
}
