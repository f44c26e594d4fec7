import { constants, type KeyObject, verify } from "node:crypto";
import { ContrastError } from "../lib/errors.ts";
import { invalidSignature, requireMatch } from "./signature-error.ts";

type RsaHash = "sha256" | "sha384" | "sha512";

/** Parameters of RSASSA-PSS. */
export interface PssParameters {
  readonly hash: RsaHash;
  readonly mgfHash: RsaHash;
  /** In bytes; the signature must have exactly this length of salt. */
  readonly saltLength: number;
}

/**
 * Verifies an RSASSA-PSS signature.
 *
 * @param what named in messages, such as `signature of VCEK`
 * @throws ContrastError `pki/signature-invalid`, or `pki/algorithm-unsupported` where the two hashes differ
 * @see RFC 8017 section 8.1.2
 */
export function verifyRsaPss(
  { hash, mgfHash, saltLength }: PssParameters,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
  what: string,
): void {
  if (mgfHash !== hash) {
    throw new ContrastError("pki/algorithm-unsupported", `Cannot verify ${what}: RSASSA-PSS with two different hashes`);
  }
  verifyRsa(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature, what);
}

/**
 * Verifies an RSASSA-PKCS1-v1_5 signature.
 *
 * @throws ContrastError `pki/signature-invalid`
 * @see RFC 8017 section 8.2.2
 */
export function verifyRsaPkcs1(
  hash: RsaHash,
  data: Uint8Array,
  key: KeyObject,
  signature: Uint8Array,
  what: string,
): void {
  verifyRsa(hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature, what);
}

/** The platform ignores paddings where a key is of another kind, so the kind is checked first. */
function verifyRsa(
  hash: RsaHash,
  data: Uint8Array,
  key: { readonly key: KeyObject; readonly padding: number; readonly saltLength?: number },
  signature: Uint8Array,
  what: string,
): void {
  if (key.key.asymmetricKeyType !== "rsa") throw invalidSignature(what, "the key is not an RSA key");
  requireMatch(what, () => verify(hash, data, key, signature));
}
