import type { KeyObject } from "node:crypto";
import { ContrastError } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { verifyEcdsa } from "../pki/ecdsa.ts";
import { hashTransition, type Transition } from "./history/transition.ts";

/** What a client may add to a manifest so that it becomes one certain transition or none. */
export interface Seal {
  /** The transition that the client believes to be the newest, 32 bytes, zeros for none; undefined: not checked. */
  readonly previousTransitionHash?: Uint8Array | undefined;
  /** ECDSA in DER over SHA-256 of the 64 hexadecimal digits of the new transition's hash; undefined: not checked. */
  readonly signature?: Uint8Array | undefined;
}

const HASH_BYTES = 32;

/**
 * Checks the form of a seal, before anything else is looked at.
 *
 * @throws ContrastError `coordinator/transition-hash-invalid`
 */
export function checkSealForm({ previousTransitionHash: hash }: Seal): void {
  if (hash === undefined || hash.length === HASH_BYTES) return;
  throw new ContrastError(
    "coordinator/transition-hash-invalid",
    `Cannot set the manifest: the previous transition hash has ${hash.length} bytes, want ${HASH_BYTES}`,
  );
}

/**
 * Checks that a transition is the one that its client sealed. A manifest has only digests of its owners' keys, so the key
 * of the signature is the one that the caller proved to hold by TLS; that it is an owner's was checked before.
 *
 * @throws ContrastError `coordinator/transition-stale`, `coordinator/transition-signature-invalid`
 * @see coordinator.md 14.3
 */
export function requireSeal(
  { previousTransitionHash, signature }: Seal,
  transition: Transition,
  caller: KeyObject | undefined,
): void {
  if (previousTransitionHash !== undefined && !sameBytes(previousTransitionHash, transition.previousHash)) {
    throw new ContrastError(
      "coordinator/transition-stale",
      "Cannot set the manifest: the latest transition has changed since last read",
      { details: { expected: previousTransitionHash.toHex(), actual: transition.previousHash.toHex() } },
    );
  }
  if (signature === undefined || (caller !== undefined && isSignedBy(caller, transition, signature))) return;
  throw new ContrastError(
    "coordinator/transition-signature-invalid",
    "Cannot set the manifest: validating peer: the transition is not signed by the key of the caller",
  );
}

function isSignedBy(caller: KeyObject, transition: Transition, signature: Uint8Array): boolean {
  const digits = new TextEncoder().encode(hashTransition(transition).toHex());
  try {
    verifyEcdsa("sha256", digits, caller, signature, "signature of the transition");
    return true;
  } catch {
    return false;
  }
}
