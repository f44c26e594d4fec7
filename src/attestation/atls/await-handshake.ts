import type { TLSSocket } from "node:tls";
import type { Deadline } from "../../lib/deadline.ts";
import { ContrastError } from "../../lib/errors.ts";
import { type Endpoint, renderEndpoint } from "./endpoint.ts";
import { noHttp2Error, tlsError } from "./tls-error.ts";

/** A TLS connection whose peer proved that it holds the key of its certificate, and nothing more. */
export interface UnjudgedPeer {
  /** No application data was sent on it. */
  readonly socket: TLSSocket;
  /** The certificate that the peer presented first; empty if there was none. */
  readonly certificateDer: Uint8Array;
}

/** A handshake that was started. */
export interface StartedHandshake {
  readonly socket: TLSSocket;
  /** Of the TCP connection below. */
  readonly isConnected: () => boolean;
  /** Whatever else makes the handshake fail; the first failure counts. */
  readonly failure?: Promise<never> | undefined;
  /** What has to happen beside: a platform can say that it is done before it has sent its last messages. */
  readonly completion?: Promise<void> | undefined;
  /** Says why the time was over, where more is known than that. */
  readonly explainTimeout?: (() => ContrastError | undefined) | undefined;
}

/**
 * Waits until a handshake is done and has agreed on HTTP/2; whatever else happens destroys the socket.
 *
 * @param deadline ends the attempt
 * @throws ContrastError what `openTls` throws, and the failures of `handshake`
 */
export function awaitHandshake(
  handshake: StartedHandshake,
  endpoint: Endpoint,
  deadline: Deadline,
): Promise<UnjudgedPeer> {
  const { socket, isConnected, failure, completion, explainTimeout } = handshake;
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      deadline.signal.removeEventListener("abort", onAbort);
      settled();
    };
    const fail = (error: unknown): void => {
      settle(() => reject(error));
      socket.destroy();
    };
    const onAbort = (): void => {
      const explained = deadline.isOver ? explainTimeout?.() : undefined;
      fail(
        explained ?? abortError(deadline, endpoint, isConnected() ? "during the TLS handshake" : "while connecting"),
      );
    };
    deadline.signal.addEventListener("abort", onAbort, { once: true });
    failure?.catch(fail);
    // Stays for the life of the socket: without a listener an error after the handshake would end the program.
    socket.on("error", (error) => fail(tlsError(error, endpoint, isConnected())));
    socket.once("secureConnect", () => {
      if (socket.alpnProtocol !== "h2") {
        fail(noHttp2Error(endpoint));
        return;
      }
      // The handshake that is judged is the only one: HTTP/2 forbids another, and TLS 1.3 has none.
      socket.disableRenegotiation();
      const succeed = (): void => settle(() => resolve({ socket, certificateDer: presentedCertificate(socket) }));
      if (completion === undefined) succeed();
      else completion.then(succeed, fail);
    });
  });
}

function presentedCertificate(socket: TLSSocket): Uint8Array {
  const { raw } = socket.getPeerCertificate();
  // Without a certificate the platform gives an object without members, whatever its type says.
  return ArrayBuffer.isView(raw) ? new Uint8Array(raw) : new Uint8Array();
}

/** The error of a deadline that ended something, told apart from the user's wish to stop. */
export function abortError(deadline: Deadline, endpoint: Endpoint, when: string): ContrastError {
  const action = `Cannot connect to "${renderEndpoint(endpoint)}"`;
  if (!deadline.isOver) return new ContrastError("lib/interrupted", `${action}: interrupted ${when}`);
  return new ContrastError("atls/timeout", `${action}: the time was over ${when}`, {
    hint: "Check the address and the network; a firewall that drops packets shows like this.",
    details: { phase: when },
  });
}
