import { ContrastError } from "../lib/errors.ts";
import { publicKeyOf } from "../lib/der-key.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { answerBytesFor, MAX_REQUEST_BYTES } from "../proto/message-limits.ts";
import { parseActiveManifest } from "./active-manifest.ts";
import type { ChainLink } from "./history/chain.ts";
import type { History } from "./history/history.ts";
import { verifyLatest } from "./history/latest-transition.ts";
import { NO_TRANSITION } from "./history/transition.ts";
import type { Snapshot } from "./snapshot.ts";

/** What was ever set. */
export interface CollectedHistory {
  /** Oldest first, the active one last. */
  readonly manifests: readonly Uint8Array[];
  /** Every policy that any of the manifests names, each once, in the order of their first manifests. */
  readonly policies: readonly Uint8Array[];
}

/** Also of a history that grew under a larger limit than that of now, as clients take it. */
const MAX_HISTORY_BYTES = answerBytesFor(MAX_REQUEST_BYTES);

/** Reads what was ever set, up to a snapshot. */
export type HistoryCollector = (snapshot: Snapshot) => Promise<CollectedHistory>;

/** Policies that the manifests up to a transition name. */
interface PolicyIndex {
  /** 32 bytes; the last one whose manifest was parsed. */
  readonly transitionHash: Uint8Array;
  /** Lower case, each once. */
  readonly hashes: readonly string[];
}

/**
 * Makes what reads all manifests up to that of a snapshot, with their policies; every hash is checked on the way. Anybody
 * may ask for that, so that each manifest is parsed only once.
 *
 * @returns throws ContrastError `coordinator/history-failed`, `coordinator/answer-too-large`
 */
export function createHistoryCollector(history: History): HistoryCollector {
  let index: PolicyIndex = { transitionHash: NO_TRANSITION, hashes: [] };
  return async ({ latest, seedEngine }) => {
    try {
      const transition = await history.transition(latest.transitionHash.toHex());
      const chain = await history.chain(verifyLatest(latest, transition, publicKeyOf(seedEngine.transactionKey)));
      const manifests = chain.map(({ manifest }) => manifest);
      const size = sizeOf(manifests);
      if (size > MAX_HISTORY_BYTES) throw tooLarge();
      index = extendIndex(index, chain);
      return { manifests, policies: await readPolicies(history, index.hashes, size) };
    } catch (error) {
      if (error instanceof ContrastError && error.code === "coordinator/answer-too-large") throw error;
      throw new ContrastError("coordinator/history-failed", "Cannot get manifests: fetching manifests from history", {
        cause: error,
      });
    }
  };
}

function extendIndex({ transitionHash: known, hashes }: PolicyIndex, chain: readonly ChainLink[]): PolicyIndex {
  const last = chain.findIndex(({ transitionHash }) => sameBytes(transitionHash, known));
  const all = new Set(last === -1 ? [] : hashes);
  for (const { manifest } of chain.slice(last + 1)) {
    for (const hash of parseActiveManifest(manifest).policies.keys()) all.add(hash.toLowerCase());
  }
  return { transitionHash: chain.at(-1)?.transitionHash ?? NO_TRANSITION, hashes: [...all] };
}

async function readPolicies(history: History, hashes: readonly string[], base: number): Promise<readonly Uint8Array[]> {
  const policies: Uint8Array[] = [];
  let size = base;
  for (const hash of hashes) {
    const policy = await history.policy(hash);
    size += policy.length;
    if (size > MAX_HISTORY_BYTES) throw tooLarge();
    policies.push(policy);
  }
  return policies;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function tooLarge(): ContrastError {
  return new ContrastError(
    "coordinator/answer-too-large",
    `Cannot get manifests: manifests and policies have more than ${MAX_HISTORY_BYTES} bytes together`,
  );
}
