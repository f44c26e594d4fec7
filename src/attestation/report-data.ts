import { sha512 } from "../lib/digest.ts";

/**
 * What honest evidence of a connection is bound to: SHA-512 over the prover's public key and the verifier's nonce.
 *
 * @param spkiDer SubjectPublicKeyInfo of the key in the prover's certificate
 * @param nonce the verifier's bytes for this connection, 32 of them
 * @returns 64 bytes
 * @see edgelesssys/contrast `internal/attestation/reportdata`
 */
export function reportDataOf(spkiDer: Uint8Array, nonce: Uint8Array): Uint8Array {
  return sha512(spkiDer, nonce);
}
