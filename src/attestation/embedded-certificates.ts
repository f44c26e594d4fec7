import { type Certificate, parseCertificate } from "../pki/x509/certificate.ts";
import type { Evidence } from "./evidence.ts";

/** A certificate that came inside the evidence. */
export interface EmbeddedCertificate {
  /** The place in which it stands, such as `vcek`; what stands there may be something else. */
  readonly role: string;
  /** Undefined where the bytes are no certificate. */
  readonly certificate: Certificate | undefined;
}

/** The certificates inside the evidence, the signing one first; nothing about them is verified. */
export function embeddedCertificates(evidence: Evidence): readonly EmbeddedCertificate[] {
  if (evidence.tee === "tdx") {
    return Object.entries(evidence.tdx.chain).map(([role, certificate]) => ({ role, certificate }));
  }
  const { vcek, vlek, ask, ark } = evidence.snp.endorsements;
  return Object.entries({ vcek, vlek, ask, ark }).flatMap(([role, der]) =>
    der === undefined ? [] : [{ role, certificate: tryParse(der, role) }],
  );
}

function tryParse(der: Uint8Array, role: string): Certificate | undefined {
  try {
    return parseCertificate(der, role);
  } catch {
    return undefined;
  }
}
