import { constants, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { encodeBase64 } from "../../../lib/base64.ts";
import { encodePublicKeyDer } from "../../../lib/der-key.ts";
import { inContext } from "../../../lib/errors.ts";
import { encodePem } from "../../../pki/pem-block.ts";
import { createSelfSigned } from "../../../pki/self-signed.ts";
import type { EvidenceIssuer } from "../../issuer.ts";
import { reportDataOf } from "../../report-data.ts";
import type { PresentedEvidence } from "../../validator.ts";
import { createClientCertificate } from "../client-certificate.ts";

/** What one connection is served with. */
export interface ServerIdentity {
  /** Of the client; 32 bytes. */
  readonly clientNonce: Uint8Array;
  /** For the client's evidence; 32 bytes. */
  readonly serverNonce: Uint8Array;
  /** Undefined for a certificate without evidence. */
  readonly issuer: EvidenceIssuer | undefined;
  readonly now: Date;
}

/**
 * Makes what one connection is served with: a P-256 key of its own, its self-signed certificate with evidence over key and
 * client's nonce, and the server's nonce as the only authority that CertificateRequest names.
 *
 * A context serves one connection, so no session of one can be resumed on another; a resumed handshake would ask for no
 * certificate and say no nonce.
 *
 * @throws ContrastError those of the issuer
 * @see edgelesssys/contrast `internal/atls`, `getServerConfig`
 */
export async function createServerContext(
  { clientNonce, serverNonce, issuer, now }: ServerIdentity,
  signal: AbortSignal,
): Promise<SecureContext> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const reportData = reportDataOf(encodePublicKeyDer(publicKey, "spki"), clientNonce);
  const evidence = issuer === undefined ? undefined : await issued(issuer, reportData, signal);
  const { keyPem, certificatePem } = createClientCertificate(privateKey, now, evidence);
  return createSecureContext({
    key: keyPem,
    cert: certificatePem,
    ca: nonceAuthorityPem(serverNonce, now),
    minVersion: "TLSv1.2",
    // A ticket would hold the client's certificate with its evidence, for nothing.
    secureOptions: constants.SSL_OP_NO_TICKET,
  });
}

async function issued(issuer: EvidenceIssuer, reportData: Uint8Array, signal: AbortSignal): Promise<PresentedEvidence> {
  try {
    return await issuer.issue(reportData, signal);
  } catch (error) {
    throw inContext(error, "Cannot prove this machine to a client", "lib/internal");
  }
}

let authorityKey: KeyObject | undefined;

/** Nothing of it is sent but its name; one key for all of them is made once. */
function nonceAuthorityPem(nonce: Uint8Array, now: Date): string {
  authorityKey ??= generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const der = createSelfSigned({
    commonName: encodeBase64(nonce),
    key: authorityKey,
    notBefore: now,
    notAfter: now,
    extensions: [],
    serial: 0n,
  });
  return encodePem("CERTIFICATE", der);
}
