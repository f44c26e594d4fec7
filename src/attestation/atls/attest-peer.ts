import { type Deadline, orAborted } from "../../lib/deadline.ts";
import { ContrastError, inContext } from "../../lib/errors.ts";
import { evidenceError } from "../evidence-error.ts";
import { reportDataOf } from "../report-data.ts";
import type { EvidenceValidator } from "../validator.ts";
import type { Attestation } from "./attestation.ts";
import type { UnjudgedPeer } from "./await-handshake.ts";
import { type Endpoint, renderEndpoint } from "./endpoint.ts";
import { judgePresented } from "./judge-presented.ts";
import { checkPeerCertificate, type PeerCertificate } from "./peer-certificate.ts";

/** How a server is judged. */
export interface AttestOptions {
  readonly endpoint: Endpoint;
  readonly validate: EvidenceValidator;
  /** The local clock. */
  readonly now: Date;
}

/**
 * Judges the evidence of a server over the nonce of its connection. Evidence of different kinds is judged in the order of
 * the certificate until a piece is accepted.
 *
 * @throws ContrastError what `checkPeerCertificate` throws, `attestation/rejected`, `attestation/unchecked`,
 *   `atls/attestation-timeout`, `lib/interrupted`
 */
export async function attestPeer(
  { certificateDer }: UnjudgedPeer,
  nonce: Uint8Array,
  { endpoint, validate, now }: AttestOptions,
  deadline: Deadline,
): Promise<Attestation> {
  const address = renderEndpoint(endpoint);
  const action = `Cannot trust the Coordinator at "${address}" (nonce of the connection ${nonce.toHex()})`;
  const { certificate, presented } = checkCertificate(certificateDer, now, action);
  const { spkiDer } = certificate;
  const reportData = reportDataOf(spkiDer, nonce);
  const { piece, verdict } = await judgePresented(
    presented,
    reportData,
    (piece, bound, signal) => judgedInTime(validate(piece, bound, signal), action, deadline),
    deadline.signal,
  );
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
