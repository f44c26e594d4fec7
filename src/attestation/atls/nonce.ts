import { encodeBase64 } from "../../lib/base64.ts";
import { randomOctets } from "../../lib/random.ts";

/**
 * How the nonce travels to the server: as server name (Contrast 1.4), as first ALPN protocol (since March 2025), or as
 * both, which either kind of server understands.
 */
export type NonceForm = "both" | "sni" | "alpn";

/** Fields of the ClientHello that the nonce decides. */
export interface NonceFields {
  /** Empty: no server name is sent. */
  readonly servername: string;
  readonly alpnProtocols: readonly string[];
}

/** Length of every nonce. */
export const NONCE_BYTES = 32;
/** Stands before the digits of a nonce that is sent as protocol. */
export const ALPN_NONCE_PREFIX = "atls:v1:nonce:";

/** A fresh nonce of 32 bytes. One nonce serves one connection. */
export function createNonce(): Uint8Array {
  return randomOctets(NONCE_BYTES);
}

/**
 * How a nonce stands in the ClientHello: standard base64 with padding as server name, and lower-case hexadecimal digits
 * behind `atls:v1:nonce:` as first protocol. `h2` is always offered, and the only protocol that a server may choose.
 *
 * @see edgelesssys/contrast `internal/atls`
 */
export function nonceFields(nonce: Uint8Array, form: NonceForm): NonceFields {
  return {
    servername: form === "alpn" ? "" : encodeBase64(nonce),
    alpnProtocols: form === "sni" ? ["h2"] : [`${ALPN_NONCE_PREFIX}${nonce.toHex()}`, "h2"],
  };
}
