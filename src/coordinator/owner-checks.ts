import type { KeyObject } from "node:crypto";
import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { quoteText } from "../lib/quote-text.ts";
import type { Manifest } from "../manifest/schema.ts";
import { peerKeyDigest } from "./peer-key-digest.ts";

const BYTES_IN_HEX = /^(?:[0-9A-Fa-f]{2})*$/;
const UPDATE = "Cannot set the manifest: validating peer";

/**
 * Lets only a workload owner of the manifest in force change it. The checks are those of the original in its order; a
 * digest that cannot be read refuses only callers that no digest before it names.
 *
 * @param caller public key, undefined without client certificate
 * @throws ContrastError `coordinator/updates-disabled`, `coordinator/caller-unknown`,
 *   `coordinator/caller-key-unsupported`, `coordinator/owner-digest-invalid`, `coordinator/caller-not-owner`
 */
export function requireWorkloadOwner({ workloadOwnerKeyDigests }: Manifest, caller: KeyObject | undefined): void {
  const digests = workloadOwnerKeyDigests ?? [];
  if (digests.length === 0) {
    throw new ContrastError("coordinator/updates-disabled", `${UPDATE}: setting manifest is disabled`);
  }
  if (caller === undefined) {
    throw new ContrastError("coordinator/caller-unknown", `${UPDATE}: no peer certificates found`);
  }
  const digest = peerKeyDigest(caller);
  if (digest === undefined) {
    throw new ContrastError("coordinator/caller-key-unsupported", `${UPDATE}: unsupported peer public key type`);
  }
  for (const owner of digests) {
    if (!BYTES_IN_HEX.test(owner)) {
      throw new ContrastError(
        "coordinator/owner-digest-invalid",
        `${UPDATE}: parsing key: ${quoteText(owner)} is not hex`,
      );
    }
    if (owner.toLowerCase() === digest) return;
  }
  throw new ContrastError("coordinator/caller-not-owner", `${UPDATE}: peer not authorized`, { details: { digest } });
}

/**
 * The seed is encrypted for its owners once; others could never recover, and a change would only look like one.
 *
 * @throws ContrastError `coordinator/seed-share-owners-changed`
 */
export function requireSameSeedShareOwners(before: Manifest, after: Manifest): void {
  const [owners, wanted] = [before.seedshareOwnerPubKeys ?? [], after.seedshareOwnerPubKeys ?? []];
  if (owners.length === wanted.length && owners.every((owner, index) => owner === wanted[index])) return;
  throw new ContrastError(
    "coordinator/seed-share-owners-changed",
    "Cannot use the manifest: changes to seedshare owners are not allowed",
  );
}

/**
 * Lets only a seed share owner recover. Whoever brings a seed decides about the root key, so knowing one is not enough.
 *
 * @throws ContrastError `coordinator/owner-key-invalid`, `coordinator/recovery-denied`
 */
export function requireSeedShareOwner({ seedshareOwnerPubKeys }: Manifest, caller: KeyObject | undefined): void {
  const digests = (seedshareOwnerPubKeys ?? []).map((owner) => {
    if (BYTES_IN_HEX.test(owner)) return sha256Hex(Uint8Array.fromHex(owner));
    throw new ContrastError(
      "coordinator/owner-key-invalid",
      "Cannot recover: seedshare owner public key is not hex-encoded",
    );
  });
  const digest = caller && peerKeyDigest(caller);
  if (digest !== undefined && digests.includes(digest)) return;
  throw new ContrastError(
    "coordinator/recovery-denied",
    "Cannot recover: peer not authorized to recover existing state",
    digest === undefined ? {} : { details: { digest } },
  );
}
