import type { KeyObject } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { encodePublicKeyDer, publicKeyOf } from "../../lib/der-key.ts";
import { startDeadline } from "../../lib/deadline.ts";
import type { EvidenceIssuer } from "../issuer.ts";
import { reportDataOf } from "../report-data.ts";
import type { EvidenceValidator } from "../validator.ts";
import { attestPeer } from "./attest-peer.ts";
import type { Attestation } from "./attestation.ts";
import { createClientCertificate } from "./client-certificate.ts";
import type { ClientHandshake } from "./client-handshake.ts";
import { ATLS_TIMEOUT_MS } from "./connect.ts";
import type { Endpoint } from "./endpoint.ts";
import { createLateCertificateHandshake } from "./late-certificate/late-certificate-handshake.ts";
import { createNonce, type NonceForm } from "./nonce.ts";

/** How a connection is made on which the client proves where it runs. */
export interface MutualAtlsOptions {
  readonly endpoint: Endpoint;
  /** Private; the client's own, for which it gets its certificates. */
  readonly key: KeyObject;
  readonly issuer: EvidenceIssuer;
  /**
   * Judges the server's evidence. Undefined: the server is not attested. That is how workloads of version 1.4 speak to
   * their Coordinator, which has no evidence to show there: a workload's own policy fixes the deployment that it runs in,
   * and whoever relies on its certificate has verified the CA.
   */
  readonly validate: EvidenceValidator | undefined;
  /** The local clock. */
  readonly now: Date;
  readonly signal: AbortSignal;
  /** For connecting, the making of the evidence, the handshake and the judging of the server's evidence together. */
  readonly timeoutMs?: number | undefined;
  readonly nonceForm?: NonceForm | undefined;
  readonly handshake?: ClientHandshake | undefined;
}

/** A connection on which this program has shown its evidence. Whether the server accepts it shows with the first call. */
export interface MutualAtlsConnection {
  /** HTTP/2 was agreed on; no application data was sent yet. */
  readonly socket: TLSSocket;
  /** What is known of the server; undefined where it was not attested. */
  readonly attestation: Attestation | undefined;
  readonly close: () => void;
}

/**
 * Connects to a server and shows it evidence over the nonce that it made for this connection. Where the server is to be
 * attested too, its evidence is judged before any application data is sent; it has seen the client's by then, which is not
 * secret.
 *
 * @throws ContrastError what `ClientHandshake` throws, those of the issuer; with a validator also what `attestPeer` throws
 * @see edgelesssys/contrast `internal/atls`
 */
export async function connectMutualAtls(options: MutualAtlsOptions): Promise<MutualAtlsConnection> {
  const { endpoint, key, issuer, validate, now, nonceForm = "both" } = options;
  const { handshake = createLateCertificateHandshake() } = options;
  const nonce = createNonce();
  const spkiDer = encodePublicKeyDer(publicKeyOf(key), "spki");
  const deadline = startDeadline(options.timeoutMs ?? ATLS_TIMEOUT_MS, options.signal);
  try {
    const certificateFor = async (serverNonce: Uint8Array, signal: AbortSignal) =>
      createClientCertificate(key, now, await issuer.issue(reportDataOf(spkiDer, serverNonce), signal));
    const peer = await handshake({ endpoint, nonce, nonceForm, certificateFor }, deadline);
    const { socket } = peer;
    try {
      const attestation = validate && (await attestPeer(peer, nonce, { endpoint, validate, now }, deadline));
      return { socket, attestation, close: () => socket.destroy() };
    } catch (error) {
      socket.destroy();
      throw error;
    }
  } finally {
    deadline.stop();
  }
}
