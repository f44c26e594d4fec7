import type { KeyObject } from "node:crypto";
import type { TLSSocket } from "node:tls";
import { type Deadline, orAborted, startDeadline } from "../../lib/deadline.ts";
import { ContrastError, inContext } from "../../lib/errors.ts";
import type { Evidence } from "../evidence.ts";
import { evidenceError } from "../evidence-error.ts";
import { reportDataOf } from "../report-data.ts";
import type { EvidenceValidator, PresentedEvidence } from "../validator.ts";
import type { Verdict } from "../verdict.ts";
import type { Attestation } from "./attestation.ts";
import { type Endpoint, renderEndpoint } from "./endpoint.ts";
import { createNonce, type NonceForm } from "./nonce.ts";
import { openTls, type UnjudgedPeer } from "./open-tls.ts";
import { checkPeerCertificate, type PeerCertificate } from "./peer-certificate.ts";

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
 * @throws ContrastError what `openTls` and `checkPeerCertificate` throw, `attestation/rejected`,
 *   `attestation/unchecked`, `atls/attestation-timeout`
 * @see edgelesssys/contrast `internal/atls`
 */
export async function connectAtls(options: AtlsOptions): Promise<AtlsConnection> {
  const { endpoint, clientKey, now, nonceForm = "both" } = options;
  const nonce = createNonce();
  const deadline = startDeadline(options.timeoutMs ?? ATLS_TIMEOUT_MS, options.signal);
  try {
    const peer = await openTls({ endpoint, nonce, nonceForm, clientKey, now }, deadline);
    try {
      const attestation = await attest(peer, nonce, options, deadline);
      return { socket: peer.socket, attestation, close: () => peer.socket.destroy() };
    } catch (error) {
      peer.socket.destroy();
      throw error;
    }
  } finally {
    deadline.stop();
  }
}

async function attest(
  { certificateDer }: UnjudgedPeer,
  nonce: Uint8Array,
  { endpoint, validate, now }: AtlsOptions,
  deadline: Deadline,
): Promise<Attestation> {
  const address = renderEndpoint(endpoint);
  const action = `Cannot trust the Coordinator at "${address}" (nonce of the connection ${nonce.toHex()})`;
  const { certificate, presented } = checkCertificate(certificateDer, now, action);
  const { spkiDer } = certificate;
  const reportData = reportDataOf(spkiDer, nonce);
  const judge = (piece: PresentedEvidence): Promise<Verdict<Evidence>> =>
    judgedInTime(validate(piece, reportData, deadline.signal), action, deadline);
  const [first, ...others] = presented;
  let piece = first;
  let verdict = await judge(piece);
  for (const other of others) {
    if (verdict.outcome === "accepted") break;
    const otherVerdict = await judge(other);
    // "Checked and refused" says more than "could not be checked".
    if (otherVerdict.outcome !== "unknown") [piece, verdict] = [other, otherVerdict];
  }
  if (verdict.outcome !== "accepted") throw evidenceError(verdict, action, `--coordinator ${address}`);
  return { nonce, certificateDer, spkiDer, reportData, presented: piece, verdict, evidence: verdict.evidence };
}

function checkCertificate(der: Uint8Array, now: Date, action: string): PeerCertificate {
  try {
    return checkPeerCertificate(der, now);
  } catch (error) {
    throw inContext(error, action, "lib/internal");
  }
}

/** A validator that does not heed its signal must not hold the connection for ever. */
async function judgedInTime<T>(verdict: Promise<T>, action: string, deadline: Deadline): Promise<T> {
  try {
    return await orAborted(verdict, deadline.signal);
  } catch (error) {
    if (deadline.isOver) {
      throw new ContrastError("atls/attestation-timeout", `${action}: its evidence was not judged in time`, {
        cause: error instanceof ContrastError ? error : undefined,
        hint: 'Fetch what the check needs beforehand with "contrast collateral fetch", or check the way to its services.',
      });
    }
    if (deadline.signal.aborted) throw new ContrastError("lib/interrupted", `${action}: interrupted`, { cause: error });
    throw error;
  }
}
