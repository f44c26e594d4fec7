import { type KeyObject, sign } from "node:crypto";
import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { verifyEcdsa } from "../../pki/ecdsa.ts";
import { encodeTransition, hashTransition, type Transition } from "./transition.ts";

const HASH_BYTES = 32;

/** A P-384 signature in DER has at most 104 bytes; what is longer is not one. */
export const MAX_LATEST_BYTES = 256;

/** The newest transition as `transitions/latest` names it. Says nothing until `verifyLatest` has accepted it. */
export interface LatestTransition {
  /** 32 bytes. */
  readonly transitionHash: Uint8Array;
  /** ECDSA in DER, by the transaction key, over the hash as digest. */
  readonly signature: Uint8Array;
  /** The stored form; compare-and-swap compares these. */
  readonly bytes: Uint8Array;
}

/** The newest transition after its signature was checked. Only `verifyLatest` makes one. */
export type VerifiedLatest = VerifiedLatestTransition;

class VerifiedLatestTransition {
  // Private members make the type nominal: nothing unverified can be passed in its place.
  readonly #latest: LatestTransition;
  readonly #transition: Transition;

  constructor(latest: LatestTransition, transition: Transition) {
    this.#latest = latest;
    this.#transition = transition;
  }

  get latest(): LatestTransition {
    return this.#latest;
  }

  /** What `latest` names. */
  get transition(): Transition {
    return this.#transition;
  }
}

/**
 * Reads the content of `transitions/latest`.
 *
 *     offset  size  field
 *          0    32  hash of the newest transition
 *         32  rest  ECDSA signature in DER, at least one byte
 *
 * @param bytes copied; 33 to 256 bytes
 * @throws ContrastError `coordinator/history-corrupt` for any other length
 * @see edgelesssys/contrast coordinator/history
 */
export function parseLatest(bytes: Uint8Array): LatestTransition {
  if (bytes.length <= HASH_BYTES || bytes.length > MAX_LATEST_BYTES) {
    throw new ContrastError(
      "coordinator/history-corrupt",
      `Cannot read latest transition: invalid length: got ${bytes.length} bytes, need ${HASH_BYTES + 1} to ${MAX_LATEST_BYTES}`,
    );
  }
  const kept = bytes.slice();
  return { transitionHash: kept.subarray(0, HASH_BYTES), signature: kept.subarray(HASH_BYTES), bytes: kept };
}

/**
 * Signs a transition as the newest one. The digest of the signature is the transition's hash itself, which is what
 * signing its 64 bytes with SHA-256 yields.
 *
 * @param key private, the transaction key of the seed
 */
export function signLatest(transition: Transition, key: KeyObject): LatestTransition {
  const signature = sign("sha256", encodeTransition(transition), { key, dsaEncoding: "der" });
  const bytes = new Uint8Array(HASH_BYTES + signature.length);
  bytes.set(hashTransition(transition));
  bytes.set(signature, HASH_BYTES);
  return parseLatest(bytes);
}

/**
 * Checks that the holder of the transaction key made this transition the newest one.
 *
 * @param transition stored under the hash that `latest` names; the platform verifies no bare digest, so it is needed
 * @param publicKey of the transaction key
 * @throws ContrastError `coordinator/history-signature-invalid`
 */
export function verifyLatest(latest: LatestTransition, transition: Transition, publicKey: KeyObject): VerifiedLatest {
  const refused = (fact: string, cause?: unknown): ContrastError =>
    new ContrastError("coordinator/history-signature-invalid", `Cannot verify latest transition: ${fact}`, {
      cause,
      details: { transition: latest.transitionHash.toHex() },
    });
  if (!sameBytes(hashTransition(transition), latest.transitionHash)) throw refused("it names another transition");
  try {
    verifyEcdsa("sha256", encodeTransition(transition), publicKey, latest.signature, "signature of latest transition");
  } catch (error) {
    throw refused("the signature is not by the transaction key of this seed", error);
  }
  return new VerifiedLatestTransition(latest, transition);
}
