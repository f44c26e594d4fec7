import type { SignatureAlgorithm } from "../../pki/x509/signature-algorithm.ts";

/**
 * How AMD signs certificates and revocation lists.
 *
 * @see AMD 57230 (VCEK Certificate and KDS Interface Specification), chapter 3
 */
export const AMD_SIGNATURE = { kind: "rsa-pss", hash: "sha384", mgfHash: "sha384", saltLength: 48 } as const;

/** Whether a signature is of AMD's kind, parameters included. */
export function isAmdSignature(algorithm: SignatureAlgorithm): boolean {
  return (
    algorithm.kind === AMD_SIGNATURE.kind &&
    algorithm.hash === AMD_SIGNATURE.hash &&
    algorithm.mgfHash === AMD_SIGNATURE.mgfHash &&
    algorithm.saltLength === AMD_SIGNATURE.saltLength
  );
}
