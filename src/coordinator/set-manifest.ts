import { type KeyObject, hash } from "node:crypto";
import { sha256Hex } from "../lib/digest.ts";
import { ContrastError } from "../lib/errors.ts";
import { parseActiveManifest, withLowerCaseHashes } from "./active-manifest.ts";
import type { AuthorityParts } from "./authority-parts.ts";
import { checkManifest } from "./check-manifest.ts";
import { commitManifest } from "./commit-manifest.ts";
import { layFoundation } from "./foundation.ts";
import { NO_TRANSITION, type Transition } from "./history/transition.ts";
import { createGeneration } from "./load-snapshot.ts";
import { requireSameSeedShareOwners, requireWorkloadOwner } from "./owner-checks.ts";
import { MAX_POLICIES } from "./request-limits.ts";
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

const ACTION = "Cannot set the manifest";

/**
 * Sets a manifest. Everything is checked before anything is written; what is written before the history advances is
 * named by its hash and does no harm if it is left there.
 *
 * @throws ContrastError in this order: of `sync`; `coordinator/transition-hash-invalid`, `coordinator/request-too-large`,
 *   `coordinator/manifest-unreadable`; of `requireWorkloadOwner` and `requireSameSeedShareOwners`; of `requireSeal`;
 *   `coordinator/manifest-invalid`; `coordinator/seed-share-key-invalid`, `coordinator/seed-failed`;
 *   `coordinator/ca-failed`; `coordinator/store-failed`; `coordinator/history-changed`
 */
export async function setManifest(
  parts: AuthorityParts,
  request: ManifestRequest,
  caller: KeyObject | undefined,
): Promise<ManifestAnswer> {
  const base = await parts.sync();
  checkSealForm(request);
  const policies = distinctPolicies(request.policies);
  const parsed = parseActiveManifest(request.manifest);
  if (base !== undefined) {
    requireWorkloadOwner(base.manifest, caller);
    requireSameSeedShareOwners(base.manifest, parsed);
  }
  const transition: Transition = {
    manifestHash: new Uint8Array(hash("sha256", request.manifest, "buffer")),
    previousHash: base?.latest.transitionHash ?? NO_TRANSITION,
  };
  requireSeal(request, transition, caller);
  checkManifest(parsed, new Set(policies.keys()));
  const { seedEngine, seedShares } =
    base === undefined ? layFoundation(parsed, parts.drawSeed) : { ...base, seedShares: undefined };
  // Made before the history advances, so that nothing can fail between that and memory.
  const ca = createGeneration(seedEngine, parts.now());
  const manifest = withLowerCaseHashes(parsed);
  const generation = (base?.generation ?? 0) + 1;
  const next = { seedEngine, manifest, manifestBytes: request.manifest, ca, generation };
  const objects = { policies: policies.values(), manifest: request.manifest, transition };
  await commitManifest(parts, base, objects, next);
  return { rootCaPem: ca.rootPem, meshCaPem: ca.meshPem, seedShares };
}

function distinctPolicies(policies: readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> {
  if (policies.length > MAX_POLICIES) {
    throw new ContrastError(
      "coordinator/request-too-large",
      `${ACTION}: got ${policies.length} policies, limit ${MAX_POLICIES}`,
    );
  }
  return new Map(policies.map((policy) => [sha256Hex(policy), policy]));
}
