import type { Evidence } from "../../attestation/evidence.ts";
import type { CertificateExtension } from "../../pki/x509/create-certificate.ts";
import { claimsAsExtensions } from "./claim.ts";
import { snpClaims } from "./snp-claims.ts";
import { tdxClaims } from "./tdx-claims.ts";

const SNP_BASE = "1.3.9901.2.1";
const TDX_BASE = "1.3.9901.2.2";
const WORKLOAD_SECRET_BASE = "1.3.9901.3";
const utf8 = new TextEncoder();

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

/**
 * What the manifest calls the secret of a workload, as an extension behind the claims: by it services such as a key
 * store may tell workloads apart. Version 1.4 does not have it, later ones do; without a secret there is none.
 *
 * @param id not secret itself; may be empty
 * @see edgelesssys/contrast `internal/oid`
 */
export function workloadSecretIdExtension(id: string): readonly CertificateExtension[] {
  return id === "" ? [] : claimsAsExtensions(WORKLOAD_SECRET_BASE, [[1, utf8.encode(id)]]);
}
