import { ContrastError } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { parseActiveManifest } from "./active-manifest.ts";
import type { AuthorityParts } from "./authority-parts.ts";
import type { LatestTransition } from "./history/latest-transition.ts";
import { createGeneration, loadHistory } from "./load-snapshot.ts";
import { requireSameSeedShareOwners } from "./owner-checks.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Compares memory with the store once. Several Coordinators may share a store: where another one went on from what is in
 * force here, this one follows it. It follows nothing else: a store that was put back to an older state is refused.
 *
 * @throws ContrastError `coordinator/recovery-mode`, `coordinator/history-failed`
 */
export async function syncOnce(parts: Omit<AuthorityParts, "sync">): Promise<Snapshot | undefined> {
  const { history, cell, exclusive } = parts;
  return await exclusive.run(async () => {
    const { current } = cell;
    const latest = await inHistory(() => history.latest());
    if (latest === undefined) return current;
    if (current === undefined) {
      throw new ContrastError("coordinator/recovery-mode", "Cannot go on: coordinator is in recovery mode", {
        hint: 'Recover the Coordinator with "contrast recover".',
      });
    }
    if (sameBytes(latest.bytes, current.latest.bytes)) return current;
    const next = await inHistory(() => follow(parts, current, latest));
    cell.compareAndSwap(current, next);
    parts.onGeneration(next.generation);
    parts.log.info("follows a manifest that another coordinator set", { generation: next.generation });
    return next;
  });
}

async function follow(
  { history, now }: Omit<AuthorityParts, "sync">,
  current: Snapshot,
  latest: LatestTransition,
): Promise<Snapshot> {
  const { seedEngine } = current;
  const { chain, manifest, manifestBytes } = await loadHistory(history, latest, seedEngine);
  const known = chain.findIndex(({ transitionHash }) => sameBytes(transitionHash, current.latest.transitionHash));
  if (known === -1) {
    throw new ContrastError(
      "coordinator/history-rolled-back",
      "Cannot follow the history: it does not continue from the manifest in force",
      { details: { generation: current.generation, actual: chain.length } },
    );
  }
  // Signed again without a change, as by a Coordinator that was interrupted in between.
  if (known === chain.length - 1) return { ...current, latest };
  for (const { manifest: bytes } of chain.slice(known + 1)) {
    requireSameSeedShareOwners(current.manifest, parseActiveManifest(bytes));
  }
  const ca = createGeneration(seedEngine, now());
  return { seedEngine, manifest, manifestBytes, ca, latest, generation: chain.length };
}

async function inHistory<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new ContrastError("coordinator/history-failed", "Cannot go on: syncing internal state", { cause: error });
  }
}
