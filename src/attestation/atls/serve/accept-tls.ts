import type { Socket } from "node:net";
import { type SecureContext, TLSSocket } from "node:tls";
import { clientClosed, clientFailure, protocolMissing } from "./client-failure.ts";

/** A TLS connection whose client proved that it holds the key of its certificate, if it has one. */
export interface AcceptedTls {
  /** Nothing was read from it but the handshake. */
  readonly socket: TLSSocket;
  /** The certificate that the client presented first; empty if there was none. */
  readonly certificateDer: Uint8Array;
}

/**
 * Does the server's side of a TLS handshake on a connection whose ClientHello was put back. The client is asked for a
 * certificate; any will do, because no authority signs it.
 *
 * @throws ContrastError `atls/client-refused`, `atls/client-closed`, `atls/protocol-missing`
 */
export function acceptTls(raw: Socket, secureContext: SecureContext): Promise<AcceptedTls> {
  const socket = new TLSSocket(raw, {
    isServer: true,
    secureContext,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ["h2"],
  });
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(clientClosed());
    // The first stays for the life of the socket: without a listener a later error would end the program.
    socket.on("error", (error) => reject(clientFailure(error)));
    socket.once("close", onClose);
    raw.once("close", onClose);
    socket.once("secure", () => {
      raw.off("close", onClose);
      socket.off("close", onClose);
      if (socket.alpnProtocol !== "h2") {
        reject(protocolMissing());
        return;
      }
      // The handshake that is judged is the only one: HTTP/2 forbids another, and TLS 1.3 has none.
      socket.disableRenegotiation();
      const { raw: der } = socket.getPeerCertificate();
      // Without a certificate the platform gives an object without members, whatever its type says.
      resolve({ socket, certificateDer: ArrayBuffer.isView(der) ? new Uint8Array(der) : new Uint8Array() });
    });
  });
}
