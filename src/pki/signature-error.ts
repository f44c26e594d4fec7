import { ContrastError } from "../lib/errors.ts";

/** The error for a signature that does not hold. */
export function invalidSignature(what: string, fact: string): ContrastError {
  return new ContrastError("pki/signature-invalid", `Cannot verify ${what}: ${fact}`);
}

/**
 * Asks the platform about a signature; that it throws, as for keys beyond its limits, means that the signature does not
 * hold.
 *
 * @throws ContrastError `pki/signature-invalid`
 */
export function requireMatch(what: string, matches: () => boolean): void {
  if (!isMatch(matches)) throw invalidSignature(what, "it does not match");
}

function isMatch(matches: () => boolean): boolean {
  try {
    return matches();
  } catch {
    return false;
  }
}
