import type { KeyObject } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { startDeadline } from "../../lib/deadline.ts";
import type { EvidenceValidator } from "../validator.ts";
import { attestPeer } from "./attest-peer.ts";
import type { Attestation } from "./attestation.ts";
import type { Endpoint } from "./endpoint.ts";
import { createNonce, type NonceForm } from "./nonce.ts";
import { openTls } from "./open-tls.ts";

/** How an attested connection is made. */
export interface AtlsOptions {
  readonly endpoint: Endpoint;
  /** Private key that the server is to see: a workload owner's or a seed share owner's; else a throw-away key. */
  readonly clientKey: KeyObject | undefined;
  readonly validate: EvidenceValidator;
  /** The local clock. */
  readonly now: Date;
  readonly signal: AbortSignal;
  /** For connecting, the handshake and the judging of the evidence together. */
  readonly timeoutMs?: number | undefined;
  readonly nonceForm?: NonceForm | undefined;
}

/** A connection whose other end is inside the guest that `attestation` describes. */
export interface AtlsConnection {
  /** HTTP/2 was agreed on; no application data was sent yet. */
  readonly socket: TLSSocket;
  readonly attestation: Attestation;
  readonly close: () => void;
}

/** As later Contrast clients have it. */
export const ATLS_TIMEOUT_MS = 30_000;

/**
 * Connects to a server and judges the evidence in its certificate, over a nonce made for this connection. Nothing is sent
 * to the server beyond the TLS handshake before its evidence was accepted. Evidence of different kinds is judged in the
 * order of the certificate until a piece is accepted.
 *
 * @throws ContrastError what `openTls` and `attestPeer` throw
 * @see edgelesssys/contrast `internal/atls`
 */
export async function connectAtls(options: AtlsOptions): Promise<AtlsConnection> {
  const { endpoint, clientKey, now, nonceForm = "both" } = options;
  const nonce = createNonce();
  const deadline = startDeadline(options.timeoutMs ?? ATLS_TIMEOUT_MS, options.signal);
  try {
    const peer = await openTls({ endpoint, nonce, nonceForm, clientKey, now }, deadline);
    try {
      const attestation = await attestPeer(peer, nonce, options, deadline);
      return { socket: peer.socket, attestation, close: () => peer.socket.destroy() };
    } catch (error) {
      peer.socket.destroy();
      throw error;
    }
  } finally {
    deadline.stop();
  }
}
