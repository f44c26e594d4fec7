import { publicKeyOf } from "../lib/der-key.ts";
import { ContrastError } from "../lib/errors.ts";
import type { Manifest } from "../manifest/schema.ts";
import { parseActiveManifest, withLowerCaseHashes } from "./active-manifest.ts";
import { type CertificateAuthority, createCertificateAuthority } from "./ca/certificate-authority.ts";
import type { ChainLink } from "./history/chain.ts";
import type { History } from "./history/history.ts";
import { type LatestTransition, verifyLatest } from "./history/latest-transition.ts";
import type { SeedEngine } from "./seed/seed-engine.ts";

/** A verified history: signature, chain and every manifest's hash. */
export interface LoadedHistory {
  readonly latest: LatestTransition;
  /** Oldest first; at least one. */
  readonly chain: readonly ChainLink[];
  /** The newest one, policy hashes in lower case. */
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
}

/**
 * Reads the whole chain of transitions and checks it with the keys of a seed.
 *
 * @throws ContrastError as `History.transition`, `verifyLatest`, `History.chain`; `coordinator/manifest-unreadable`
 */
export async function loadHistory(
  history: History,
  latest: LatestTransition,
  { transactionKey }: SeedEngine,
): Promise<LoadedHistory> {
  const transition = await history.transition(latest.transitionHash.toHex());
  const chain = await history.chain(verifyLatest(latest, transition, publicKeyOf(transactionKey)));
  const manifestBytes = await history.manifest(transition.manifestHash.toHex());
  return { latest, chain, manifest: withLowerCaseHashes(parseActiveManifest(manifestBytes)), manifestBytes };
}

/**
 * Makes the certificates of a new generation, with a new mesh key.
 *
 * @throws ContrastError `coordinator/ca-failed`
 */
export function createGeneration({ rootKey }: SeedEngine, now: Date): CertificateAuthority {
  try {
    return createCertificateAuthority(rootKey, now);
  } catch (error) {
    throw new ContrastError("coordinator/ca-failed", "Cannot go on: creating CA", { cause: error });
  }
}
