import type { KeyObject } from "node:crypto";
import { connect, type TLSSocket } from "node:tls";
import type { Deadline } from "../../lib/deadline.ts";
import { ContrastError } from "../../lib/errors.ts";
import { createClientCertificate } from "./client-certificate.ts";
import { type Endpoint, renderEndpoint } from "./endpoint.ts";
import { type NonceForm, nonceFields } from "./nonce.ts";
import { noHttp2Error, tlsError } from "./tls-error.ts";

/** How a TLS connection is made. */
export interface TlsOptions {
  readonly endpoint: Endpoint;
  readonly nonce: Uint8Array;
  readonly nonceForm: NonceForm;
  /** Private; undefined for a throw-away key. */
  readonly clientKey: KeyObject | undefined;
  readonly now: Date;
}

/** A TLS connection whose peer proved that it holds the key of its certificate, and nothing more. */
export interface UnjudgedPeer {
  /** No application data was sent on it. */
  readonly socket: TLSSocket;
  /** The certificate that the peer presented first; empty if there was none. */
  readonly certificateDer: Uint8Array;
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
export function openTls(options: TlsOptions, deadline: Deadline): Promise<UnjudgedPeer> {
  const { endpoint } = options;
  const { keyPem, certificatePem } = createClientCertificate(options.clientKey, options.now);
  const { servername, alpnProtocols } = nonceFields(options.nonce, options.nonceForm);
  return new Promise((resolve, reject) => {
    if (deadline.signal.aborted) {
      reject(abortError(deadline, endpoint, "before the connection was tried"));
      return;
    }
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
    const settle = (settled: () => void): void => {
      deadline.signal.removeEventListener("abort", onAbort);
      settled();
    };
    const fail = (error: ContrastError): void => {
      settle(() => reject(error));
      socket.destroy();
    };
    const onAbort = (): void => {
      fail(abortError(deadline, endpoint, isConnected ? "during the TLS handshake" : "while connecting"));
    };
    deadline.signal.addEventListener("abort", onAbort, { once: true });
    socket.on("connect", () => {
      isConnected = true;
    });
    // Stays for the life of the socket: without a listener an error after the handshake would end the program.
    socket.on("error", (error) => fail(tlsError(error, endpoint, isConnected)));
    socket.once("secureConnect", () => {
      if (socket.alpnProtocol !== "h2") {
        fail(noHttp2Error(endpoint));
        return;
      }
      // The handshake that is judged is the only one: HTTP/2 forbids another, and TLS 1.3 has none.
      socket.disableRenegotiation();
      settle(() => resolve({ socket, certificateDer: presentedCertificate(socket) }));
    });
  });
}

function presentedCertificate(socket: TLSSocket): Uint8Array {
  const { raw } = socket.getPeerCertificate();
  // Without a certificate the platform gives an object without members, whatever its type says.
  return ArrayBuffer.isView(raw) ? new Uint8Array(raw) : new Uint8Array();
}

/** The error of a deadline that ended something, told apart from the user's wish to stop. */
function abortError(deadline: Deadline, endpoint: Endpoint, when: string): ContrastError {
  const action = `Cannot connect to "${renderEndpoint(endpoint)}"`;
  if (!deadline.isOver) return new ContrastError("lib/interrupted", `${action}: interrupted ${when}`);
  return new ContrastError("atls/timeout", `${action}: the time was over ${when}`, {
    hint: "Check the address and the network; a firewall that drops packets shows like this.",
    details: { phase: when },
  });
}
