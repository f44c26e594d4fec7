import type { KeyObject } from "node:crypto";
import { ContrastError, inContext } from "../lib/errors.ts";
import type { AuthorityParts } from "./authority-parts.ts";
import type { LatestTransition } from "./history/latest-transition.ts";
import { createGeneration, type LoadedHistory, loadHistory } from "./load-snapshot.ts";
import { requireSeedShareOwner } from "./owner-checks.ts";
import { createSeedEngine, type SeedEngine } from "./seed/seed-engine.ts";

/** What a seed share owner brings back. */
export interface RecoveryRequest {
  /** Secret, not retained. */
  readonly seed: Uint8Array;
  readonly salt: Uint8Array;
}

const ACTION = "Cannot recover";

/**
 * Brings a restarted Coordinator back into force. Nothing is kept in memory before every check has passed.
 *
 * @throws ContrastError in this order: `coordinator/already-recovered`, `coordinator/history-failed`,
 *   `coordinator/nothing-to-recover`, `coordinator/seed-invalid`, `coordinator/recovery-failed`,
 *   `coordinator/owner-key-invalid`, `coordinator/recovery-denied`, `coordinator/ca-failed`,
 *   `coordinator/recovered-concurrently`
 */
export async function recover(
  parts: AuthorityParts,
  { seed, salt }: RecoveryRequest,
  caller: KeyObject | undefined,
): Promise<void> {
  const latest = await lostTransition(parts);
  const seedEngine = startEngine(seed, salt);
  const { chain, manifest, manifestBytes } = await load(parts, latest, seedEngine);
  requireSeedShareOwner(manifest, caller);
  const ca = createGeneration(seedEngine, parts.now());
  const generation = chain.length;
  const next = { seedEngine, manifest, manifestBytes, ca, latest, generation };
  await parts.exclusive.run(async () => {
    if (!parts.cell.compareAndSwap(undefined, next)) {
      throw new ContrastError(
        "coordinator/recovered-concurrently",
        `${ACTION}: the coordinator was recovered concurrently`,
      );
    }
    parts.onGeneration(generation);
  });
}

/** The newest transition of a history that nobody has the seed of. */
async function lostTransition({ cell, exclusive, history }: AuthorityParts): Promise<LatestTransition> {
  return await exclusive.run(async () => {
    if (cell.current !== undefined) {
      throw new ContrastError("coordinator/already-recovered", `${ACTION}: coordinator is already recovered`);
    }
    const latest = await accessed(() => history.latest());
    if (latest !== undefined) return latest;
    throw new ContrastError("coordinator/nothing-to-recover", `${ACTION}: no persisted transaction to recover from`);
  });
}

async function accessed<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new ContrastError("coordinator/history-failed", `${ACTION}: accessing history`, { cause: error });
  }
}

function startEngine(seed: Uint8Array, salt: Uint8Array): SeedEngine {
  try {
    return createSeedEngine(seed, salt);
  } catch (error) {
    throw inContext(error, `${ACTION}: initializing seed engine`, "coordinator/seed-invalid");
  }
}

async function load(
  { history }: AuthorityParts,
  latest: LatestTransition,
  seedEngine: SeedEngine,
): Promise<LoadedHistory> {
  try {
    return await loadHistory(history, latest, seedEngine);
  } catch (error) {
    // A disk that cannot be read says nothing about the seed.
    if (error instanceof ContrastError && error.code === "coordinator/history-unreadable") {
      throw new ContrastError("coordinator/history-failed", `${ACTION}: accessing history`, { cause: error });
    }
    throw new ContrastError("coordinator/recovery-failed", `${ACTION}: recovery failed`, { cause: error });
  }
}
