import type { KeyObject } from "node:crypto";
import { encodePublicKeyDer } from "../../lib/der-key.ts";
import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { renderInstant } from "../../lib/instant.ts";
import { type Certificate, parseCertificate, publicKeyOf } from "../../pki/x509/certificate.ts";
import { verifySigned } from "../../pki/x509/verify-signed.ts";
import { EVIDENCE_OIDS, type PresentedEvidence } from "../validator.ts";

/** A peer's certificate whose form is good. Its evidence is not judged yet. */
export interface PeerCertificate {
  readonly certificate: Certificate;
  /** Pieces of evidence in the order of the certificate, at least one, each of another kind. */
  readonly presented: readonly [PresentedEvidence, ...PresentedEvidence[]];
}

/** Who presents a certificate, in the words of messages. */
interface Presenter {
  readonly what: string;
  readonly invalidHint: string;
  readonly clockHint: string;
  readonly noEvidenceHint: string;
}

/** The server, seen by its clients. */
const COORDINATOR: Presenter = {
  what: "the certificate of the Coordinator",
  invalidHint: "Check that the address is that of a Coordinator, and that nothing between here and there ends TLS.",
  clockHint: "Check the clock of this machine and that of the Coordinator; they may be at most two hours apart.",
  noEvidenceHint: "Check that the address is that of the Coordinator's user API, normally port 1313.",
};

/** A client, seen by its server. */
export const CLIENT: Presenter = {
  what: "the certificate of the client",
  invalidHint: "Check that nothing between the client and here ends TLS.",
  clockHint: "Check the clock of the client and that of this machine; they may be at most two hours apart.",
  noEvidenceHint: "Only workloads with an Initializer get certificates; check what connects here.",
};

/** Key usage, alternative names, basic constraints: they may be marked critical, and mean nothing here. */
const KNOWN_CRITICAL: ReadonlySet<string> = new Set(["2.5.29.15", "2.5.29.17", "2.5.29.19"]);

const KINDS: ReadonlySet<string> = new Set(Object.values(EVIDENCE_OIDS));

/**
 * Checks what can be told from the certificate alone: its form, its time, its signature by its own key, its critical
 * extensions, the canonical form of its key, and that it carries evidence. Possession of the key is proven by TLS.
 *
 * @param der the certificate as TLS received it; empty if there was none
 * @param at the local clock
 * @throws ContrastError what `checkCertificateForm` throws, `atls/no-evidence`
 * @see edgelesssys/contrast `internal/atls`, `verifyEmbeddedReport`
 */
export function checkPeerCertificate(der: Uint8Array, at: Date, presenter: Presenter = COORDINATOR): PeerCertificate {
  const { certificate } = checkCertificateForm(der, at, presenter);
  return { certificate, presented: presentedIn(certificate, presenter) };
}

/**
 * The same without a look for evidence.
 *
 * @throws ContrastError `atls/certificate-invalid` (also for two pieces of evidence of one kind),
 *   `atls/certificate-expired`
 */
export function checkCertificateForm(
  der: Uint8Array,
  at: Date,
  presenter: Presenter,
): { readonly certificate: Certificate; readonly publicKey: KeyObject } {
  const attempt = <T>(step: () => T): T => {
    try {
      return step();
    } catch (error) {
      throw invalid(presenter, "it is malformed or not signed with its own key", error);
    }
  };
  const certificate = attempt(() => parseCertificate(der, presenter.what));
  checkTime(certificate, at, presenter);
  const unknown = certificate.extensions.find(({ critical, oid }) => critical && !KNOWN_CRITICAL.has(oid));
  if (unknown !== undefined) throw invalid(presenter, `it has the unknown critical extension ${unknown.oid}`);
  const publicKey = attempt(() => publicKeyOf(certificate));
  attempt(() => verifySigned(certificate, publicKey, presenter.what));
  if (!sameBytes(encodePublicKeyDer(publicKey, "spki"), certificate.spkiDer)) {
    throw invalid(presenter, "its public key is not in canonical DER form");
  }
  return { certificate, publicKey };
}

function checkTime({ notBefore, notAfter }: Certificate, at: Date, { what, clockHint }: Presenter): void {
  if (at >= notBefore && at <= notAfter) return;
  const window = `${renderInstant(notBefore)} to ${renderInstant(notAfter)}`;
  throw new ContrastError(
    "atls/certificate-expired",
    `Cannot accept ${what}: it is valid from ${window}, and the local clock says ${renderInstant(at)}`,
    { hint: clockHint },
  );
}

/**
 * The pieces of evidence of a certificate. Identifiers are compared whole: longer ones that begin alike mean something
 * else.
 *
 * @throws ContrastError `atls/no-evidence`
 */
export function presentedIn(
  { extensions }: Certificate,
  { what, noEvidenceHint }: Presenter,
): PeerCertificate["presented"] {
  const [first, ...others] = extensions.filter(({ oid }) => KINDS.has(oid)).map(({ oid, value }) => ({ oid, value }));
  if (first !== undefined) return [first, ...others];
  throw new ContrastError("atls/no-evidence", `Cannot accept ${what}: it carries no evidence`, {
    hint: noEvidenceHint,
  });
}

function invalid({ what, invalidHint }: Presenter, fact: string, cause?: unknown): ContrastError {
  return new ContrastError("atls/certificate-invalid", `Cannot accept ${what}: ${fact}`, { cause, hint: invalidHint });
}
