import { ContrastError } from "../../../lib/errors.ts";
import { evidenceError } from "../../evidence-error.ts";
import type { Evidence } from "../../evidence.ts";
import { reportDataOf } from "../../report-data.ts";
import { summarizeRefusal } from "../../summarize-refusal.ts";
import type { EvidenceValidator } from "../../validator.ts";
import type { Verified } from "../../verdict.ts";
import { judgePresented } from "../judge-presented.ts";
import { checkCertificateForm, CLIENT, presentedIn } from "../peer-certificate.ts";
import type { ServedPeer } from "./served-connection.ts";

/** A client that may go on. */
export interface CheckedClient {
  readonly peer: ServedPeer | undefined;
  readonly evidence: Verified<Evidence> | undefined;
}

/**
 * Checks the certificate of a client whose handshake is done. One that is not attested may have none; where it has one,
 * its form must be good.
 *
 * @param certificateDer empty if there was none
 * @param nonce the server's, 32 bytes
 * @param validate undefined where the client is not attested
 * @throws ContrastError what `checkPeerCertificate` throws, `atls/client-certificate-missing`, `attestation/rejected`,
 *   `attestation/unchecked`
 */
export async function checkClient(
  certificateDer: Uint8Array,
  nonce: Uint8Array,
  validate: EvidenceValidator | undefined,
  at: Date,
  signal: AbortSignal,
): Promise<CheckedClient> {
  if (certificateDer.length === 0) {
    if (validate === undefined) return { peer: undefined, evidence: undefined };
    throw new ContrastError("atls/client-certificate-missing", "Cannot trust the client: it presents no certificate");
  }
  const { certificate, publicKey } = checkCertificateForm(certificateDer, at, CLIENT);
  const { spkiDer } = certificate;
  const peer = { certificateDer, publicKey, spkiDer };
  if (validate === undefined) return { peer, evidence: undefined };
  const presented = presentedIn(certificate, CLIENT);
  const { verdict } = await judgePresented(presented, reportDataOf(spkiDer, nonce), validate, signal);
  if (verdict.outcome === "accepted") return { peer, evidence: verdict.evidence };
  const { code, message } = evidenceError(verdict, "Cannot trust the client");
  // The client learns nothing of it; the log is where somebody looks for the reason.
  throw new ContrastError(code, `${message}: ${summarizeRefusal(verdict)}`);
}
