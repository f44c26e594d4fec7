import { startDeadline } from "../../lib/deadline.ts";
import { reportDataOf } from "../report-data.ts";
import type { PresentedEvidence } from "../validator.ts";
import { ATLS_TIMEOUT_MS } from "./connect.ts";
import type { Endpoint } from "./endpoint.ts";
import { createNonce, type NonceForm } from "./nonce.ts";
import { openTls } from "./open-tls.ts";
import { checkPeerCertificate } from "./peer-certificate.ts";

/** What a server presented. Nothing of its evidence was judged: it may be made up, or that of another machine. */
export interface ObservedPeer {
  readonly trust: "unverified";
  /** At least one piece, each of another kind. */
  readonly presented: readonly [PresentedEvidence, ...PresentedEvidence[]];
  readonly nonce: Uint8Array;
  /** What honest evidence is bound to: 64 bytes, from the key of the certificate and the nonce. */
  readonly reportData: Uint8Array;
  readonly spkiDer: Uint8Array;
  readonly certificateDer: Uint8Array;
}

/** How a server is looked at. */
export interface ObserveOptions {
  readonly endpoint: Endpoint;
  readonly now: Date;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number | undefined;
  readonly nonceForm?: NonceForm | undefined;
}

/**
 * Asks a server for its evidence over a fresh nonce and closes the connection; nothing is sent beyond the TLS handshake.
 *
 * @throws ContrastError what `openTls` and `checkPeerCertificate` throw
 */
export async function observeEvidence(options: ObserveOptions): Promise<ObservedPeer> {
  const { endpoint, now, nonceForm = "both" } = options;
  const nonce = createNonce();
  const deadline = startDeadline(options.timeoutMs ?? ATLS_TIMEOUT_MS, options.signal);
  try {
    const peer = await openTls({ endpoint, nonce, nonceForm, clientKey: undefined, now }, deadline);
    peer.socket.destroy();
    const { certificate, presented } = checkPeerCertificate(peer.certificateDer, now);
    const { spkiDer } = certificate;
    const reportData = reportDataOf(spkiDer, nonce);
    return { trust: "unverified", presented, nonce, reportData, spkiDer, certificateDer: peer.certificateDer };
  } finally {
    deadline.stop();
  }
}
