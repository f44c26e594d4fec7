import { type KeyObject, hash } from "node:crypto";
import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { parseActiveManifest, withLowerCaseHashes } from "./active-manifest.ts";
import type { AuthorityParts } from "./authority-parts.ts";
import { checkManifest } from "./check-manifest.ts";
import { commitManifest } from "./commit-manifest.ts";
import { layFoundation } from "./foundation.ts";
import { hashTransition, NO_TRANSITION, type Transition } from "./history/transition.ts";
import { createGeneration } from "./load-snapshot.ts";
import { requireSameSeedShareOwners, requireWorkloadOwner } from "./owner-checks.ts";
import { MAX_POLICIES, QUICK_MANIFEST_BYTES } from "./request-limits.ts";
import { checkSealForm, requireSeal, type Seal } from "./seal.ts";
import type { SeedShare } from "./seed/seed-shares.ts";

/** A manifest that a client sets. */
export interface ManifestRequest extends Seal {
  /** Hashed and stored byte for byte. */
  readonly manifest: Uint8Array;
  /** All that the manifest names, in any order; others are stored too. */
  readonly policies: readonly Uint8Array[];
}

/** The answer to a manifest. */
export interface ManifestAnswer {
  readonly rootCaPem: string;
  readonly meshCaPem: string;
  /** Only for the first manifest; there is no second answer with them. */
  readonly seedShares?: { readonly shares: readonly SeedShare[]; readonly salt: Uint8Array } | undefined;
}

/**
 * Sets a manifest. Everything is checked before anything is written; what is written before the history advances is
 * named by its hash and does no harm if it is left there. The order of the checks is that of the original, except that a
 * large manifest is not even parsed for somebody who may not set it.
 *
 * @throws ContrastError in this order: of `sync`; `coordinator/transition-hash-invalid`, `coordinator/request-too-large`,
 *   `coordinator/manifest-unreadable`; of `requireWorkloadOwner` and `requireSameSeedShareOwners`; of `requireSeal`;
 *   `coordinator/manifest-invalid`; `coordinator/history-full`; `coordinator/seed-share-key-invalid`, `coordinator/seed-failed`;
 *   `coordinator/ca-failed`; `coordinator/store-failed`; `coordinator/history-changed`
 */
export async function setManifest(
  parts: AuthorityParts,
  request: ManifestRequest,
  caller: KeyObject | undefined,
): Promise<ManifestAnswer> {
  const base = await parts.sync();
  checkSealForm(request);
  checkPolicyCount(request);
  // The message around it is much larger, and this part is kept.
  const manifestBytes = request.manifest.slice();
  // Strangers cannot make the Coordinator read what takes long.
  if (base !== undefined && manifestBytes.length > QUICK_MANIFEST_BYTES) requireWorkloadOwner(base.manifest, caller);
  const parsed = parseActiveManifest(manifestBytes);
  if (base !== undefined) {
    requireWorkloadOwner(base.manifest, caller);
    requireSameSeedShareOwners(base.manifest, parsed);
  }
  const transition: Transition = {
    manifestHash: new Uint8Array(hash("sha256", manifestBytes, "buffer")),
    previousHash: base?.latest.transitionHash ?? NO_TRANSITION,
  };
  requireSeal(request, transition, caller);
  const policies = new Map(request.policies.map((policy) => [sha256Hex(policy), policy]));
  checkManifest(parsed, new Set(policies.keys()));
  const manifest = withLowerCaseHashes(parsed);
  const keepExtent = await parts.extents.check(base, { manifest, manifestBytes, policies });
  const { seedEngine, seedShares } =
    base === undefined ? layFoundation(parsed, parts.drawSeed) : { ...base, seedShares: undefined };
  // Made before the history advances, so that nothing can fail between that and memory.
  const ca = createGeneration(seedEngine, parts.now());
  const generation = (base?.generation ?? 0) + 1;
  const next = { seedEngine, manifest, manifestBytes, ca, generation };
  const objects = { policies: policies.values(), manifest: manifestBytes, transition };
  await commitManifest(parts, base, objects, next);
  keepExtent(hashTransition(transition));
  return { rootCaPem: ca.rootPem, meshCaPem: ca.meshPem, seedShares };
}

function checkPolicyCount({ policies }: ManifestRequest): void {
  if (policies.length <= MAX_POLICIES) return;
  throw new ContrastError(
    "coordinator/request-too-large",
    `Cannot set the manifest: got ${policies.length} policies, limit ${MAX_POLICIES}`,
  );
}
