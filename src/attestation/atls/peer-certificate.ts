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

const WHAT = "the certificate of the Coordinator";

/** Key usage, alternative names, basic constraints: they may be marked critical, and mean nothing here. */
const KNOWN_CRITICAL: ReadonlySet<string> = new Set(["2.5.29.15", "2.5.29.17", "2.5.29.19"]);

const KINDS: ReadonlySet<string> = new Set(Object.values(EVIDENCE_OIDS));

/**
 * Checks what can be told from the certificate alone: its form, its time, its signature by its own key, its critical
 * extensions, the canonical form of its key, and that it carries evidence. Possession of the key is proven by TLS.
 *
 * @param der the certificate as TLS received it; empty if there was none
 * @param at the local clock
 * @throws ContrastError `atls/certificate-invalid` (also for two pieces of evidence of one kind), `atls/no-evidence`,
 *   `atls/certificate-expired`
 * @see edgelesssys/contrast `internal/atls`, `verifyEmbeddedReport`
 */
export function checkPeerCertificate(der: Uint8Array, at: Date): PeerCertificate {
  const certificate = attempt(() => parseCertificate(der, WHAT));
  checkTime(certificate, at);
  const unknown = certificate.extensions.find(({ critical, oid }) => critical && !KNOWN_CRITICAL.has(oid));
  if (unknown !== undefined) throw invalid(`it has the unknown critical extension ${unknown.oid}`);
  const key = attempt(() => publicKeyOf(certificate));
  attempt(() => verifySigned(certificate, key, WHAT));
  if (!sameBytes(encodePublicKeyDer(key, "spki"), certificate.spkiDer)) {
    throw invalid("its public key is not in canonical DER form");
  }
  return { certificate, presented: presentedIn(certificate) };
}

function checkTime({ notBefore, notAfter }: Certificate, at: Date): void {
  if (at >= notBefore && at <= notAfter) return;
  const window = `${renderInstant(notBefore)} to ${renderInstant(notAfter)}`;
  throw new ContrastError(
    "atls/certificate-expired",
    `Cannot accept ${WHAT}: it is valid from ${window}, and the local clock says ${renderInstant(at)}`,
    { hint: "Check the clock of this machine and that of the Coordinator; they may be at most two hours apart." },
  );
}

/** Identifiers are compared whole: longer ones that begin alike mean something else. */
function presentedIn({ extensions }: Certificate): PeerCertificate["presented"] {
  const [first, ...others] = extensions.filter(({ oid }) => KINDS.has(oid)).map(({ oid, value }) => ({ oid, value }));
  if (first !== undefined) return [first, ...others];
  throw new ContrastError("atls/no-evidence", `Cannot accept ${WHAT}: it carries no evidence`, {
    hint: "Check that the address is that of the Coordinator's user API, normally port 1313.",
  });
}

function invalid(fact: string, cause?: unknown): ContrastError {
  return new ContrastError("atls/certificate-invalid", `Cannot accept ${WHAT}: ${fact}`, {
    cause,
    hint: "Check that the address is that of a Coordinator, and that nothing between here and there ends TLS.",
  });
}

function attempt<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw invalid("it is malformed or not signed with its own key", error);
  }
}
