import { ContrastError } from "../lib/errors.ts";
import { keyName } from "../manifest/diff-manifests.ts";
import { decryptOaep } from "../pki/rsa-oaep.ts";
import type { SeedShareDocument } from "../rpc/coordinator-session.ts";
import type { OwnerPrivateKey } from "./owner-private-key.ts";

/** What the shares are encrypted with; both sides must have it. */
const LABEL = new TextEncoder().encode("seedshare");
/** Coordinators make 64 bytes and accept no less than 32. */
const MINIMUM_SEED_BYTES = 32;
const MAX_NAMED_OWNERS = 5;

/**
 * Finds the share of a key and decrypts it.
 *
 * @param key of a seed share owner
 * @param what names the document in messages, such as `seed shares "seed-shares.json"`
 * @returns the seed; secret, to be wiped by the caller
 * @throws ContrastError `client/seed-share-missing`, `client/seed-share-undecryptable`
 */
export function openSeedShare(
  { shares }: SeedShareDocument,
  { key, identity }: OwnerPrivateKey,
  what: string,
): Uint8Array {
  const share = shares.find(({ publicKeyHex }) => publicKeyHex.toLowerCase() === identity);
  if (share === undefined) {
    const owners = shares.slice(0, MAX_NAMED_OWNERS).map(({ publicKeyHex }) => shortName(publicKeyHex));
    throw new ContrastError("client/seed-share-missing", `Cannot use ${what}: no matching seed share found`, {
      hint: `The key has ${shortName(identity)}; the shares are for ${owners.join(", ") || "nobody"}. Give the key of one of them with --seedshare-owner-key.`,
    });
  }
  const refuse = (fact: string): ContrastError =>
    new ContrastError("client/seed-share-undecryptable", `Cannot use ${what}: ${fact}`, {
      hint: "Get the file from a copy that set wrote; this one was changed.",
    });
  let seed: Uint8Array;
  try {
    seed = decryptOaep(key, share.encryptedSeed, LABEL);
  } catch {
    throw refuse("the seed share of the key cannot be decrypted");
  }
  if (seed.length >= MINIMUM_SEED_BYTES) return seed;
  seed.fill(0);
  throw refuse(`the seed has less than ${MINIMUM_SEED_BYTES} bytes`);
}

/** Keys are told apart by their digests, as everywhere else; the beginning is enough. */
function shortName(publicKeyHex: string): string {
  return keyName(publicKeyHex.toLowerCase()).slice(0, "SHA-256 ".length + 16);
}
