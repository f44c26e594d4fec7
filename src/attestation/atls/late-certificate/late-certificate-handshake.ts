import { connect as connectTcp } from "node:net";
import { connect, createSecureContext, type TLSSocket } from "node:tls";
import type { Deadline } from "../../../lib/deadline.ts";
import { ContrastError, inContext } from "../../../lib/errors.ts";
import { abortError, awaitHandshake, type UnjudgedPeer } from "../await-handshake.ts";
import type { ClientCertificate } from "../client-certificate.ts";
import type { ClientHandshake, HandshakeRequest } from "../client-handshake.ts";
import { renderEndpoint } from "../endpoint.ts";
import { HandshakeFilter } from "./handshake-filter.ts";
import { LateCertificate } from "./late-certificate.ts";
import { nonceFields } from "../nonce.ts";

/** Gives a TLS socket its certificate in the middle of its handshake. */
export type CertificateSetter = (socket: TLSSocket, certificate: ClientCertificate) => void;

/** Node knows this of servers only; Bun takes it on clients too. */
const setKeyCert: CertificateSetter = (socket, { keyPem, certificatePem }) => {
  socket.setKeyCert(createSecureContext({ key: keyPem, cert: certificatePem }));
};

/**
 * Makes handshakes with the platform's TLS by holding the server's messages back: they are read on their way, the
 * certificate is set, and then they pass. The messages of TLS 1.3 are read with the secret that the platform tells for
 * such purposes. Whether the platform then sends the right certificate is checked in what it sends.
 *
 * @param setCertificate how the platform takes a certificate that late
 */
export function createLateCertificateHandshake(setCertificate: CertificateSetter = setKeyCert): ClientHandshake {
  return (request, deadline) => shakeHands(request, deadline, setCertificate);
}

async function shakeHands(
  request: HandshakeRequest,
  deadline: Deadline,
  setCertificate: CertificateSetter,
): Promise<UnjudgedPeer> {
  const { endpoint, certificateFor } = request;
  const action = `Cannot connect to "${renderEndpoint(endpoint)}"`;
  if (deadline.signal.aborted) throw abortError(deadline, endpoint, "before the connection was tried");
  const { servername, alpnProtocols } = nonceFields(request.nonce, request.nonceForm);
  const failure = Promise.withResolvers<never>();
  const tcp = connectTcp({ host: endpoint.host, port: endpoint.port, noDelay: true });
  let isConnected = false;
  tcp.on("connect", () => {
    isConnected = true;
  });
  const late = new LateCertificate({
    certificateFor: (nonce) => certificateFor(nonce, deadline.signal),
    setCertificate: (certificate) => setCertificate(socket, certificate),
    release: (bytes) => filter.pass(bytes),
    onFailure: (error) => failure.reject(inAction(error, action)),
  });
  const filter = new HandshakeFilter(tcp, late);
  const socket = connect({
    socket: filter,
    servername,
    ALPNProtocols: [...alpnProtocols],
    minVersion: "TLSv1.2",
    rejectUnauthorized: false,
  });
  const onKeyLog = (line: Uint8Array): void => late.useKeyLog(line);
  socket.on("keylog", onKeyLog);
  const peer = await awaitHandshake(
    {
      socket,
      isConnected: () => isConnected,
      failure: failure.promise,
      completion: late.completion,
      explainTimeout: () => inAction(late.timeout(), action),
    },
    endpoint,
    deadline,
  );
  socket.off("keylog", onKeyLog);
  filter.open();
  return peer;
}

function inAction<T>(error: T, action: string): T | ContrastError {
  return error instanceof ContrastError ? inContext(error, action, "lib/internal") : error;
}
