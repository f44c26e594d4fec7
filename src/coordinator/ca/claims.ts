import type { Evidence } from "../../attestation/evidence.ts";
import type { CertificateExtension } from "../../pki/x509/create-certificate.ts";
import { claimsAsExtensions } from "./claim.ts";
import { snpClaims } from "./snp-claims.ts";
import { tdxClaims } from "./tdx-claims.ts";

const SNP_BASE = "1.3.9901.2.1";
const TDX_BASE = "1.3.9901.2.2";

/**
 * What verified evidence says, as extensions of a workload's certificate: peers can look at the platform of a workload
 * without its evidence. They are not critical, and in the order of version 1.4.
 *
 * @see edgelesssys/contrast `internal/attestation`
 */
export function claimExtensions(evidence: Evidence): readonly CertificateExtension[] {
  return evidence.tee === "snp"
    ? claimsAsExtensions(SNP_BASE, snpClaims(evidence.snp))
    : claimsAsExtensions(TDX_BASE, tdxClaims(evidence.tdx));
}
