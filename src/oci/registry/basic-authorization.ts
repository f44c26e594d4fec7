import type { Credentials } from "./auth-file.ts";

/**
 * The `Authorization` header of the basic scheme, in UTF-8.
 *
 * @see RFC 7617
 */
export function basicAuthorization(credentials: Credentials & { readonly kind: "password" }): string {
  const { username, password } = credentials;
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}
