import type { KeyObject } from "node:crypto";
import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { Semaphore } from "../lib/semaphore.ts";
import { sharedRun } from "../lib/shared-run.ts";
import { createAnswerExtents } from "./answer-extent.ts";
import type { AuthorityParts } from "./authority-parts.ts";
import { type CollectedHistory, createHistoryCollector, type HistoryCollector } from "./collect-history.ts";
import type { History } from "./history/history.ts";
import type { LatestTransition } from "./history/latest-transition.ts";
import { requireWorkloadOwner } from "./owner-checks.ts";
import { recover, type RecoveryRequest } from "./recover.ts";
import { USUAL_REQUEST_LIMITS } from "./request-limits.ts";
import { createSeed, type Seed } from "./seed/seed-shares.ts";
import { type ManifestAnswer, type ManifestRequest, setManifest } from "./set-manifest.ts";
import { type Snapshot, SnapshotCell } from "./snapshot.ts";
import { syncOnce } from "./sync.ts";

/** What a Coordinator's state lives on. */
export interface AuthorityOptions {
  readonly history: History;
  readonly now: () => Date;
  readonly log: Logger;
  /** Hears of each generation that comes into force, for the gauge. */
  readonly onGeneration: (generation: number) => void;
  /** Of all manifests and policies together, beyond which no manifest comes into force; default: of the usual limits. */
  readonly maxAnswerBytes?: number | undefined;
  /** Default: the platform's random source. */
  readonly drawSeed?: (() => Seed) | undefined;
}

/** The answer to a client that wants to see everything. */
export interface ManifestHistory extends CollectedHistory {
  readonly rootCaPem: string;
  readonly meshCaPem: string;
  readonly latest: LatestTransition;
}

/** The state of a Coordinator and who may change it. */
export interface Authority {
  /**
   * Sets a manifest: the first one for anybody, later ones for workload owners of the one before.
   *
   * @param caller the key that the client proved to hold; undefined without certificate
   * @throws ContrastError as `setManifest` in `set-manifest.ts`
   */
  setManifest(request: ManifestRequest, caller: KeyObject | undefined): Promise<ManifestAnswer>;
  /**
   * All manifests with their policies, and the certificates in force.
   *
   * @throws ContrastError as `current`; `coordinator/answer-too-large`
   */
  getManifests(): Promise<ManifestHistory>;
  /**
   * Whether somebody could set a manifest, and so may send a large request.
   *
   * @param caller as for `setManifest`
   * @throws ContrastError of `sync`, of `requireWorkloadOwner`
   */
  requireSetter(caller: KeyObject | undefined): Promise<void>;
  /**
   * Gives a restarted Coordinator its seed back.
   *
   * @param caller as for `setManifest`
   * @throws ContrastError as `recover` in `recover.ts`
   */
  recover(request: RecoveryRequest, caller: KeyObject | undefined): Promise<void>;
  /**
   * The snapshot in force, after a look into the store.
   *
   * @throws ContrastError `coordinator/no-manifest`, `coordinator/recovery-mode`, `coordinator/history-failed`
   */
  current(): Promise<Snapshot>;
  /** Whether a snapshot is in force; does not look into the store. */
  isReady(): boolean;
  /** Whether it is this manifest that is in force; does not look into the store. */
  isInForce(snapshot: Snapshot): boolean;
}

/** Makes the state of one process: empty, or waiting for recovery where the history is not. */
export function createAuthority({
  drawSeed = createSeed,
  maxAnswerBytes = USUAL_REQUEST_LIMITS.answerBytes,
  ...options
}: AuthorityOptions): Authority {
  const cell = new SnapshotCell();
  const collect = createHistoryCollector(options.history);
  const extents = createAnswerExtents(collect, maxAnswerBytes);
  const shared = { ...options, drawSeed, extents, cell, exclusive: new Semaphore(1), writers: new Semaphore(1) };
  const parts: AuthorityParts = { ...shared, sync: sharedRun(() => syncOnce(shared)) };
  const current = async (): Promise<Snapshot> => {
    const snapshot = await parts.sync();
    if (snapshot !== undefined) return snapshot;
    throw new ContrastError("coordinator/no-manifest", "Cannot go on: no manifest configured", {
      hint: 'Set a manifest with "contrast set".',
    });
  };
  return {
    setManifest: (request, caller) => setManifest(parts, request, caller),
    getManifests: collector(collect, current),
    requireSetter: async (caller) => {
      const base = await parts.sync();
      if (base !== undefined) requireWorkloadOwner(base.manifest, caller);
    },
    recover: (request, caller) => recover(parts, request, caller),
    current,
    isReady: () => cell.current !== undefined,
    // The same manifest may be signed anew, but each generation has a CA of its own.
    isInForce: ({ ca }) => cell.current?.ca === ca,
  };
}

/** Clients who ask at the same time share one walk through the history: anybody may ask, and it can be long. */
function collector(collectHistory: HistoryCollector, current: Authority["current"]): Authority["getManifests"] {
  let running: { readonly snapshot: Snapshot; readonly collected: Promise<CollectedHistory> } | undefined;
  return async () => {
    const snapshot = await current();
    if (running?.snapshot !== snapshot) running = { snapshot, collected: collectHistory(snapshot) };
    const own = running;
    try {
      const { rootPem: rootCaPem, meshPem: meshCaPem } = snapshot.ca;
      return { ...(await own.collected), rootCaPem, meshCaPem, latest: snapshot.latest };
    } finally {
      if (running === own) running = undefined;
    }
  };
}
