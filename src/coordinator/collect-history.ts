import { ContrastError } from "../lib/errors.ts";
import { publicKeyOf } from "../lib/der-key.ts";
import { parseActiveManifest } from "./active-manifest.ts";
import type { History } from "./history/history.ts";
import { verifyLatest } from "./history/latest-transition.ts";
import { MAX_ANSWER_BYTES } from "./request-limits.ts";
import type { Snapshot } from "./snapshot.ts";

/** What was ever set. */
export interface CollectedHistory {
  /** Oldest first, the active one last. */
  readonly manifests: readonly Uint8Array[];
  /** Every policy that any of the manifests names, each once, in the order of their first manifests. */
  readonly policies: readonly Uint8Array[];
}

/**
 * Reads all manifests up to that of a snapshot, with their policies; every hash is checked on the way.
 *
 * @throws ContrastError `coordinator/history-failed`, `coordinator/answer-too-large`
 */
export async function collectHistory(history: History, snapshot: Snapshot): Promise<CollectedHistory> {
  try {
    return await collect(history, snapshot);
  } catch (error) {
    if (error instanceof ContrastError && error.code === "coordinator/answer-too-large") throw error;
    throw new ContrastError("coordinator/history-failed", "Cannot get manifests: fetching manifests from history", {
      cause: error,
    });
  }
}

async function collect(history: History, { latest, seedEngine }: Snapshot): Promise<CollectedHistory> {
  const transition = await history.transition(latest.transitionHash.toHex());
  const chain = await history.chain(verifyLatest(latest, transition, publicKeyOf(seedEngine.transactionKey)));
  const policies = new Map<string, Uint8Array>();
  let size = chain.reduce((sum, { manifest }) => sum + manifest.length, 0);
  for (const { manifest } of chain) {
    for (const key of parseActiveManifest(manifest).policies.keys()) {
      const hash = key.toLowerCase();
      if (policies.has(hash)) continue;
      const policy = await history.policy(hash);
      policies.set(hash, policy);
      size += policy.length;
      if (size > MAX_ANSWER_BYTES) throw tooLarge();
    }
  }
  return { manifests: chain.map(({ manifest }) => manifest), policies: [...policies.values()] };
}

function tooLarge(): ContrastError {
  return new ContrastError(
    "coordinator/answer-too-large",
    `Cannot get manifests: manifests and policies have more than ${MAX_ANSWER_BYTES} bytes together`,
  );
}
