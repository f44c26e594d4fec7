import { parsePublicKeyDer } from "../../lib/der-key.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import { randomOctets } from "../../lib/random.ts";
import { seedshareKeyFault } from "../../manifest/seedshare-owner-key.ts";
import { encryptOaep } from "../../pki/rsa-oaep.ts";
import { SALT_BYTES } from "./seed-engine.ts";

/** What a deployment starts with. */
export interface Seed {
  /** 64 bytes; secret, to be wiped by whoever asked for it. */
  readonly seed: Uint8Array;
  /** 32 bytes, not secret. */
  readonly salt: Uint8Array;
}

/** The whole seed, encrypted for one owner; every owner alone can recover the deployment. */
export interface SeedShare {
  /** As the manifest has it. */
  readonly publicKeyHex: string;
  /** As long as the modulus of the key. */
  readonly encryptedSeed: Uint8Array;
}

const SEED_BYTES = 64;
const LABEL = new TextEncoder().encode("seedshare");
/** Characters of a digest that tell keys apart in messages. */
const NAME_DIGITS = 16;

/** A new seed with its salt, from the platform's cryptographic source. */
export function createSeed(): Seed {
  return { seed: randomOctets(SEED_BYTES), salt: randomOctets(SALT_BYTES) };
}

/**
 * Encrypts a seed for each of its owners: RSA-OAEP with SHA-256 and the label `seedshare`.
 *
 * @param seed 64 bytes; secret, not retained
 * @param ownerKeysHex PKCS #1 `RSAPublicKey` DER in hexadecimal, as the manifest has them
 * @returns one share for each key, in their order
 * @throws ContrastError `coordinator/seed-share-key-invalid` if one of them is no RSA key of 2048 bits or more
 * @see edgelesssys/contrast `internal/manifest`
 */
export function encryptSeedShares(seed: Uint8Array, ownerKeysHex: readonly string[]): readonly SeedShare[] {
  return ownerKeysHex.map((publicKeyHex, index) => ({
    publicKeyHex,
    encryptedSeed: encryptFor(publicKeyHex, index, seed),
  }));
}

function encryptFor(publicKeyHex: string, index: number, seed: Uint8Array): Uint8Array {
  const fault = seedshareKeyFault(publicKeyHex);
  if (fault !== undefined) throw invalidKey(publicKeyHex, index, fault);
  try {
    return encryptOaep(parsePublicKeyDer(Uint8Array.fromHex(publicKeyHex), "pkcs1"), seed, LABEL);
  } catch {
    throw invalidKey(publicKeyHex, index, "the key cannot encrypt");
  }
}

function invalidKey(publicKeyHex: string, index: number, fault: string): ContrastError {
  const name = sha256Hex(publicKeyHex.toLowerCase()).slice(0, NAME_DIGITS);
  return new ContrastError(
    "coordinator/seed-share-key-invalid",
    `Cannot encrypt the seed for owner ${index} of SeedshareOwnerPubKeys (SHA-256 ${name}): ${fault}`,
    { hint: "Generate the manifest again with the seed share owner's RSA key.", details: { index } },
  );
}
