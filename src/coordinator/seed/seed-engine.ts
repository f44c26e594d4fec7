import type { KeyObject } from "node:crypto";
import { ContrastError } from "../../lib/errors.ts";
import { deriveSecret } from "./derive-secret.ts";
import { deriveP384Key } from "./det-keygen.ts";

/** Keys and secrets that derive from the seed: whoever has seed and salt has them all. */
export interface SeedEngine {
  /** 32 bytes, not secret. */
  readonly salt: Uint8Array;
  /** Signs the root and intermediate certificates; P-384. */
  readonly rootKey: KeyObject;
  /** Signs the latest transition of the history; P-384. */
  readonly transactionKey: KeyObject;
  /**
   * The secret of the workloads with an ID, as many bytes as the seed has; the caller owns it.
   *
   * @param id taken as it is, in UTF-8; not empty
   * @throws ContrastError `coordinator/secret-id-empty`
   */
  readonly workloadSecret: (id: string) => Uint8Array;
}

/** Bytes that a salt has. */
export const SALT_BYTES = 32;
/** Seeds of today have 64 bytes, but older ones are taken too. */
const MINIMUM_SEED_BYTES = 32;
/** Whatever is longer was made by nobody. */
const MAXIMUM_SEED_BYTES = 1024;

/**
 * Derives what a Coordinator needs: HKDF-SHA256 with one salt and a label for each purpose, each result as long as the
 * seed. The seed itself is not kept, only the parent of the workload secrets.
 *
 * @param seed 32 bytes or more, 64 in new deployments; secret, the caller wipes it
 * @param salt 32 bytes; copied
 * @throws ContrastError `coordinator/seed-invalid` for other lengths
 * @see edgelesssys/contrast `coordinator/internal/seedengine`
 */
export function createSeedEngine(seed: Uint8Array, salt: Uint8Array): SeedEngine {
  if (seed.length < MINIMUM_SEED_BYTES || seed.length > MAXIMUM_SEED_BYTES) {
    throw invalidSeed("seed", seed.length, `${MINIMUM_SEED_BYTES} to ${MAXIMUM_SEED_BYTES}`);
  }
  if (salt.length !== SALT_BYTES) throw invalidSeed("salt", salt.length, String(SALT_BYTES));
  const ownSalt = salt.slice();
  const podStateSeed = deriveSecret(seed, ownSalt, "POD STATE SECRET");
  return {
    salt: ownSalt,
    rootKey: deriveKey(seed, ownSalt, "ROOT CA SEED"),
    transactionKey: deriveKey(seed, ownSalt, "TRANSACTION SIGNING SECRET"),
    workloadSecret(id) {
      if (id !== "") return deriveSecret(podStateSeed, ownSalt, `WORKLOAD SECRET ID: ${id}`);
      throw new ContrastError("coordinator/secret-id-empty", "Cannot derive a workload secret: the ID is empty");
    },
  };
}

function deriveKey(seed: Uint8Array, salt: Uint8Array, label: string): KeyObject {
  const keySeed = deriveSecret(seed, salt, label);
  try {
    return deriveP384Key(keySeed);
  } finally {
    keySeed.fill(0);
  }
}

function invalidSeed(field: "seed" | "salt", actual: number, expected: string): ContrastError {
  return new ContrastError(
    "coordinator/seed-invalid",
    `Cannot initialize seed engine: the ${field} has ${actual} bytes, want ${expected}`,
    { hint: "Give seed and salt of the file that set wrote.", details: { field, actual, expected } },
  );
}
