import { createHash, type Hash } from "node:crypto";
import { ContrastError } from "../lib/errors.ts";

/** Any digest of the grammar, also of algorithms that are not supported. */
export const DIGEST_PATTERN = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

const SUPPORTED_DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Whether content can be checked against the digest: `sha256` or `sha512`, complete and in lower case. */
export function isSupportedDigest(digest: string): boolean {
  return SUPPORTED_DIGEST.test(digest);
}

/** Algorithm and hexadecimal digits of a supported digest. */
export function splitDigest(digest: string): { readonly algorithm: "sha256" | "sha512"; readonly hex: string } {
  const hex = digest.slice(digest.indexOf(":") + 1);
  return { algorithm: digest.startsWith("sha512:") ? "sha512" : "sha256", hex };
}

/** A running hash of the algorithm that `digest` names. */
export function startDigest(digest: string): Hash {
  return createHash(splitDigest(digest).algorithm);
}

/**
 * Returns the bytes if they have the digest.
 *
 * @param what named in messages, such as `manifest of "nginx"`
 * @throws ContrastError `oci/digest-mismatch`
 */
export function verifyDigest(bytes: Uint8Array, digest: string, what: string): Uint8Array {
  const actual = startDigest(digest).update(bytes).digest("hex");
  if (actual !== splitDigest(digest).hex)
    throw digestMismatch(what, `${splitDigest(digest).algorithm}:${actual}`, digest);
  return bytes;
}

/** The refusal of content with another digest than was promised. */
export function digestMismatch(what: string, actual: string, expected: string): ContrastError {
  return new ContrastError("oci/digest-mismatch", `Cannot use ${what}: got digest "${actual}", need "${expected}"`, {
    hint: "Do not trust this source until you know why it answers with other content.",
    details: { actual, expected },
  });
}

/** The refusal of content with another size than was promised. */
export function sizeMismatch(what: string, actual: string, expected: number): ContrastError {
  return new ContrastError("oci/size-mismatch", `Cannot use ${what}: got ${actual} bytes, need ${expected}`, {
    details: { actual, expected },
  });
}
