import { hkdfSync } from "node:crypto";

/**
 * Derives one secret from another: HKDF-SHA256, extract and expand.
 *
 * @param secret not retained
 * @param info what the result is for, ASCII or UTF-8
 * @returns as many bytes as `secret` has; secret, the caller owns it
 * @see RFC 5869
 */
export function deriveSecret(secret: Uint8Array, salt: Uint8Array, info: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, secret.length));
}
