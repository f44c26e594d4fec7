import type { KeyObject } from "node:crypto";
import { connect } from "node:tls";
import type { Deadline } from "../../lib/deadline.ts";
import { abortError, awaitHandshake, type UnjudgedPeer } from "./await-handshake.ts";
import { createClientCertificate } from "./client-certificate.ts";
import type { Endpoint } from "./endpoint.ts";
import { type NonceForm, nonceFields } from "./nonce.ts";

/** How a TLS connection is made. */
export interface TlsOptions {
  readonly endpoint: Endpoint;
  readonly nonce: Uint8Array;
  readonly nonceForm: NonceForm;
  /** Private; undefined for a throw-away key. */
  readonly clientKey: KeyObject | undefined;
  readonly now: Date;
}

/**
 * Makes a TLS connection that proves nothing of the peer but possession of its key: there is no authority that could
 * sign its certificate, the evidence inside takes that place. Neither environment variables nor earlier connections
 * change anything: no session is resumed.
 *
 * @param deadline ends the attempt
 * @throws ContrastError `atls/unreachable`, `atls/not-tls`, `atls/no-http2`, `atls/handshake-refused`,
 *   `atls/handshake-closed`, `atls/key-unproven`, `atls/timeout`, `lib/interrupted`
 */
export async function openTls(options: TlsOptions, deadline: Deadline): Promise<UnjudgedPeer> {
  const { endpoint } = options;
  const { keyPem, certificatePem } = createClientCertificate(options.clientKey, options.now);
  const { servername, alpnProtocols } = nonceFields(options.nonce, options.nonceForm);
  if (deadline.signal.aborted) throw abortError(deadline, endpoint, "before the connection was tried");
  const socket = connect({
    host: endpoint.host,
    port: endpoint.port,
    servername,
    ALPNProtocols: [...alpnProtocols],
    minVersion: "TLSv1.2",
    rejectUnauthorized: false,
    key: keyPem,
    cert: certificatePem,
  });
  let isConnected = false;
  socket.on("connect", () => {
    isConnected = true;
  });
  return await awaitHandshake({ socket, isConnected: () => isConnected }, endpoint, deadline);
}
