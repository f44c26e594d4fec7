import { ContrastError, inContext } from "../lib/errors.ts";
import type { Manifest } from "../manifest/schema.ts";
import { createSeedEngine, type SeedEngine } from "./seed/seed-engine.ts";
import { encryptSeedShares, type Seed, type SeedShare } from "./seed/seed-shares.ts";

/** What a deployment stands on from its first manifest on. */
export interface Foundation {
  readonly seedEngine: SeedEngine;
  /** For the answer to that manifest; nothing keeps them. */
  readonly seedShares: { readonly shares: readonly SeedShare[]; readonly salt: Uint8Array };
}

const ACTION = "Cannot set the manifest";

/**
 * Draws the seed of a new deployment and shares it. Without owners there are no shares, and no recovery.
 *
 * @throws ContrastError `coordinator/seed-share-key-invalid`, `coordinator/seed-failed`
 */
export function layFoundation({ seedshareOwnerPubKeys }: Manifest, drawSeed: () => Seed): Foundation {
  const { seed, salt } = drawSeed();
  try {
    return { seedEngine: startEngine(seed, salt), seedShares: { shares: share(seed, seedshareOwnerPubKeys), salt } };
  } finally {
    seed.fill(0);
  }
}

function startEngine(seed: Uint8Array, salt: Uint8Array): SeedEngine {
  try {
    return createSeedEngine(seed, salt);
  } catch (error) {
    throw new ContrastError("coordinator/seed-failed", `${ACTION}: setting seed`, { cause: error });
  }
}

function share(seed: Uint8Array, owners: Manifest["seedshareOwnerPubKeys"]): readonly SeedShare[] {
  try {
    return encryptSeedShares(seed, owners ?? []);
  } catch (error) {
    throw inContext(error, `${ACTION}: initializing seed engine`, "coordinator/seed-share-key-invalid");
  }
}
