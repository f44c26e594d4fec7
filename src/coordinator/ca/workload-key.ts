import type { KeyObject } from "node:crypto";
import { encodePublicKeyDer, parsePublicKeyDer } from "../../lib/der-key.ts";
import { ContrastError } from "../../lib/errors.ts";

const CURVES: readonly (string | undefined)[] = ["prime256v1", "secp384r1", "secp521r1"];
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 8192;

/**
 * Checks a key that is to be certified and writes it anew, so that no byte of a peer goes into a certificate unread.
 *
 * @param spkiDer SubjectPublicKeyInfo of any origin
 * @returns SubjectPublicKeyInfo
 * @throws ContrastError `coordinator/workload-key-invalid` unless the key is on P-256, P-384 or P-521, is Ed25519, or is
 *   RSA of 2048 to 8192 bits
 */
export function certifiedKey(spkiDer: Uint8Array): Uint8Array {
  let key: KeyObject;
  try {
    key = parsePublicKeyDer(spkiDer, "spki");
  } catch {
    throw invalidKey("the key of the workload is malformed");
  }
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const kind = key.asymmetricKeyType;
  const isCertified =
    (kind === "ec" && CURVES.includes(namedCurve)) ||
    kind === "ed25519" ||
    (kind === "rsa" && modulusLength >= MIN_RSA_BITS && modulusLength <= MAX_RSA_BITS);
  if (isCertified) return encodePublicKeyDer(key, "spki");
  throw invalidKey(`got ${namedCurve ?? kind ?? "no"} key of ${modulusLength} bits`);
}

function invalidKey(fact: string): ContrastError {
  return new ContrastError("coordinator/workload-key-invalid", `Cannot certify a workload: ${fact}`, {
    hint: "Use a key on P-256, P-384 or P-521, Ed25519, or RSA of 2048 to 8192 bits.",
  });
}
