import type { Deadline } from "../../lib/deadline.ts";
import type { ClientCertificate } from "./client-certificate.ts";
import type { Endpoint } from "./endpoint.ts";
import type { NonceForm } from "./nonce.ts";
import type { UnjudgedPeer } from "./await-handshake.ts";

/** What a handshake needs in which both sides prove something to each other. */
export interface HandshakeRequest {
  readonly endpoint: Endpoint;
  /** The client's, for the server's evidence; 32 bytes. */
  readonly nonce: Uint8Array;
  readonly nonceForm: NonceForm;
  /**
   * Makes the certificate that answers the server's nonce, 32 bytes of this connection. May take seconds; the server
   * waits.
   */
  readonly certificateFor: (serverNonce: Uint8Array, signal: AbortSignal) => Promise<ClientCertificate>;
}

/**
 * Makes a TLS connection whose client certificate depends on a nonce that the server names within the handshake, as the
 * only authority that it accepts. The peer proved possession of its key; its evidence is not judged.
 *
 * Platforms have no interface for this. What stands behind this type is one way to do it; a TLS client of our own would be
 * another.
 *
 * @param deadline ends the attempt
 * @throws ContrastError what `openTls` throws, `atls/no-certificate-request`, `atls/server-nonce-invalid`,
 *   `atls/handshake-invalid`, `atls/late-certificate-unsupported`, and what `certificateFor` throws
 * @see edgelesssys/contrast `internal/atls`, `getClientCertificate`
 */
export type ClientHandshake = (request: HandshakeRequest, deadline: Deadline) => Promise<UnjudgedPeer>;
