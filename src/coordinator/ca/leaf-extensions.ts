import type { CertificateExtension } from "../../pki/x509/create-certificate.ts";
import {
  authorityKeyIdExtension,
  basicConstraintsExtension,
  extendedKeyUsageExtension,
  type GeneralName,
  KEY_PURPOSE_OID,
  keyUsageExtension,
  subjectAltNameExtension,
} from "../../pki/x509/encode-extensions.ts";

/**
 * The extensions of a workload's certificate: what it may be used for, who signed it, who it is, then the claims.
 *
 * @param meshKeyId identifier of the signing key
 * @param names at least one
 */
export function leafExtensions(
  meshKeyId: Uint8Array,
  names: readonly GeneralName[],
  claims: readonly CertificateExtension[],
): readonly CertificateExtension[] {
  return [
    keyUsageExtension(["digitalSignature"]),
    extendedKeyUsageExtension([KEY_PURPOSE_OID.clientAuth, KEY_PURPOSE_OID.serverAuth]),
    basicConstraintsExtension({ ca: false, pathLength: undefined }),
    authorityKeyIdExtension(meshKeyId),
    subjectAltNameExtension(names),
    ...claims,
  ];
}
