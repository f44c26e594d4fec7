import type { KeyObject } from "node:crypto";
import { ContrastError } from "../../lib/errors.ts";
import { verifyEcdsa } from "../ecdsa.ts";
import { verifyEd25519 } from "../ed25519.ts";
import { verifyRsaPkcs1, verifyRsaPss } from "../rsa-signature.ts";
import { renderSignatureAlgorithm, type SignatureAlgorithm } from "./signature-algorithm.ts";

/** What certificates and revocation lists have in common. */
export interface Signed {
  readonly tbsDer: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

/**
 * Verifies the signature of a certificate or revocation list with exactly the algorithm and parameters that it states.
 *
 * @param what named in messages, such as `signature of VCEK`
 * @throws ContrastError `pki/signature-invalid`, or `pki/algorithm-unsupported` for what is not RSASSA-PSS,
 *   RSASSA-PKCS1-v1_5 or ECDSA with SHA-2, or Ed25519
 */
export function verifySigned(signed: Signed, issuerKey: KeyObject, what: string): void {
  const { tbsDer, signatureAlgorithm: algorithm, signature } = signed;
  switch (algorithm.kind) {
    case "ecdsa":
      return verifyEcdsa(algorithm.hash, tbsDer, issuerKey, signature, what);
    case "rsa-pkcs1":
      return verifyRsaPkcs1(algorithm.hash, tbsDer, issuerKey, signature, what);
    case "rsa-pss":
      return verifyRsaPss(algorithm, tbsDer, issuerKey, signature, what);
    case "ed25519":
      return verifyEd25519(tbsDer, issuerKey, signature, what);
    case "unknown": {
      const fact = `${renderSignatureAlgorithm(algorithm)} is not supported`;
      throw new ContrastError("pki/algorithm-unsupported", `Cannot verify ${what}: ${fact}`);
    }
    default:
      return algorithm satisfies never;
  }
}
