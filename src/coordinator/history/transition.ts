import { hash } from "node:crypto";
import { ContrastError } from "../../lib/errors.ts";

const HASH_BYTES = 32;

/** Length of a transition, in bytes. */
export const TRANSITION_BYTES = 2 * HASH_BYTES;

/** What the first transition names as the previous one: 32 zero bytes. */
export const NO_TRANSITION: Uint8Array = new Uint8Array(HASH_BYTES);

/** One step of the history: from the previous manifest to this one. */
export interface Transition {
  /** SHA-256 of the manifest's bytes, 32 bytes. */
  readonly manifestHash: Uint8Array;
  /** `hashTransition` of the transition before; `NO_TRANSITION` for the first one. */
  readonly previousHash: Uint8Array;
}

/**
 * The stored form of a transition.
 *
 *     offset  size  field
 *          0    32  SHA-256 of the manifest
 *         32    32  hash of the previous transition, or zeros
 *
 * @throws ContrastError `lib/internal` for hashes of another length
 * @see edgelesssys/contrast coordinator/history
 */
export function encodeTransition({ manifestHash, previousHash }: Transition): Uint8Array {
  if (manifestHash.length !== HASH_BYTES || previousHash.length !== HASH_BYTES) {
    throw new ContrastError(
      "lib/internal",
      `Cannot encode transition: got hashes of ${manifestHash.length} and ${previousHash.length} bytes, need ${HASH_BYTES}`,
    );
  }
  const bytes = new Uint8Array(TRANSITION_BYTES);
  bytes.set(manifestHash);
  bytes.set(previousHash, HASH_BYTES);
  return bytes;
}

/**
 * Reads a stored transition.
 *
 * @param bytes exactly 64; copied
 * @throws ContrastError `coordinator/history-corrupt` for any other length
 */
export function parseTransition(bytes: Uint8Array): Transition {
  if (bytes.length !== TRANSITION_BYTES) {
    throw new ContrastError(
      "coordinator/history-corrupt",
      `Cannot read transition: got ${bytes.length} bytes, need ${TRANSITION_BYTES}`,
    );
  }
  return { manifestHash: bytes.slice(0, HASH_BYTES), previousHash: bytes.slice(HASH_BYTES) };
}

/** SHA-256 of the stored form: the name of the transition, and the digest that is signed; 32 bytes. */
export function hashTransition(transition: Transition): Uint8Array {
  return new Uint8Array(hash("sha256", encodeTransition(transition), "buffer"));
}
