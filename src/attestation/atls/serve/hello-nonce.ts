import { decodeBase64 } from "../../../lib/base64.ts";
import { ContrastError } from "../../../lib/errors.ts";
import { quoteText } from "../../../lib/quote-text.ts";
import type { ClientHello } from "./client-hello.ts";
import { ALPN_NONCE_PREFIX, NONCE_BYTES } from "../nonce.ts";

const ALPN_FAMILY = "atls";
const NONCE_HEX = /^[0-9a-f]{64}$/;
const NONCE_BASE64_CHARACTERS = 44;

/**
 * The nonce that a client sends, as a protocol of ALPN, else as server name; where it does both, the server name says
 * nothing. Evidence is made over no other bytes: without a nonce it would prove nothing to this client.
 *
 * @returns 32 bytes
 * @throws ContrastError `atls/nonce-invalid`
 * @see edgelesssys/contrast `internal/atls`, `getConfigForClient`
 */
export function helloNonce({ serverName, protocols }: ClientHello): Uint8Array {
  const [protocol, ...others] = protocols.filter((name) => name.startsWith(ALPN_FAMILY));
  if (protocol !== undefined) {
    const digits = protocol.startsWith(ALPN_NONCE_PREFIX) ? protocol.slice(ALPN_NONCE_PREFIX.length) : "";
    if (others.length === 0 && NONCE_HEX.test(digits)) return Uint8Array.fromHex(digits);
    throw nonceInvalid(`the protocol ${quoteText(protocol)} is not the one form that is known`);
  }
  if (serverName === undefined) throw nonceInvalid("the client sends none");
  const bytes = serverName.length === NONCE_BASE64_CHARACTERS ? decodeBase64(serverName) : undefined;
  if (bytes?.length === NONCE_BYTES) return bytes;
  throw nonceInvalid(`the server name ${quoteText(serverName)} is not base64 of ${NONCE_BYTES} bytes`);
}

function nonceInvalid(fact: string): ContrastError {
  return new ContrastError("atls/nonce-invalid", `Cannot read the nonce of the client: ${fact}`);
}
