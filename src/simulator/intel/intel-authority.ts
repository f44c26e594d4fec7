import { collateralUrl } from "../../attestation/collateral/collateral-url.ts";
import type { CertificateExtension } from "../../pki/x509/create-certificate.ts";
import {
  authorityKeyIdExtension,
  basicConstraintsExtension,
  keyUsageExtension,
  subjectKeyIdExtension,
} from "../../pki/x509/encode-extensions.ts";
import type { KeyUsageBit } from "../../pki/x509/extensions.ts";
import { keyIdentifierOf } from "../../pki/x509/key-identifier.ts";
import { NAME_OID } from "../../pki/x509/name.ts";
import type { KeyPair } from "../key-pair.ts";
import { crlDistributionPoint } from "../revocation-list.ts";
import { vendorName } from "../vendor-name.ts";

/** Certificates around a platform: root, Platform CA, the platform's own, what signs Intel's documents. */
export type IntelRole = "root" | "intermediate" | "pck" | "tcbSigning";

/** One thing for each of them. */
export type IntelRoles<T> = Readonly<Record<IntelRole, T>>;

/** Common names that verifiers insist on. @see Intel SGX PCK Certificate and CRL profile */
export const INTEL_NAMES = {
  root: "Intel SGX Root CA",
  platformCa: "Intel SGX PCK Platform CA",
  processorCa: "Intel SGX PCK Processor CA",
  pck: "Intel SGX PCK Certificate",
  tcbSigning: "Intel SGX TCB Signing",
} as const;

/** What the usual extensions say. */
export interface IntelExtensions {
  readonly ca: boolean;
  readonly pathLength?: number;
  /** The usual ones of an authority or of a leaf where nothing is said. */
  readonly usage?: readonly KeyUsageBit[];
  /** Where the issuer's revocation list is; that of the root where nothing is said. */
  readonly crlUrl?: string;
}

const ROOT_CRL_URL = collateralUrl({ kind: "intel-root-crl" });

/** Where the revocation list of the Platform CA is. */
const PLATFORM_CRL_URL = collateralUrl({ kind: "intel-pck-crl", ca: "platform" });

/** A distinguished name as Intel writes it, DER. */
export function intelName(commonName: string): Uint8Array {
  const attributes = [
    [NAME_OID.commonName, commonName],
    [NAME_OID.organization, "Intel Corporation"],
    [NAME_OID.locality, "Santa Clara"],
    [NAME_OID.state, "CA"],
    [NAME_OID.country, "US"],
  ] as const;
  return vendorName(attributes);
}

/** The five extensions that all of Intel's certificates have, in Intel's order. */
export function intelExtensions(
  key: KeyPair,
  signer: KeyPair,
  {
    ca,
    pathLength,
    usage = ca ? ["keyCertSign", "cRLSign"] : ["digitalSignature", "nonRepudiation"],
    crlUrl = ROOT_CRL_URL,
  }: IntelExtensions,
): readonly CertificateExtension[] {
  return [
    authorityKeyIdExtension(keyIdentifierOf(signer.spkiDer)),
    crlDistributionPoint(crlUrl),
    subjectKeyIdExtension(keyIdentifierOf(key.spkiDer)),
    keyUsageExtension(usage),
    basicConstraintsExtension({ ca, pathLength }),
  ];
}

/** The extensions of each certificate. @param sgx what the PCK certificate says about its platform */
export function intelRoleExtensions(
  keys: IntelRoles<KeyPair>,
  sgx: CertificateExtension,
): IntelRoles<readonly CertificateExtension[]> {
  const { root, intermediate, pck, tcbSigning } = keys;
  return {
    root: intelExtensions(root, root, { ca: true, pathLength: 1 }),
    intermediate: intelExtensions(intermediate, root, { ca: true, pathLength: 0 }),
    pck: [...intelExtensions(pck, intermediate, { ca: false, crlUrl: PLATFORM_CRL_URL }), sgx],
    tcbSigning: intelExtensions(tcbSigning, root, { ca: false }),
  };
}

/** One thing for each certificate. */
export function mapIntelRoles<T>(map: (role: IntelRole) => T): IntelRoles<T> {
  return {
    root: map("root"),
    intermediate: map("intermediate"),
    pck: map("pck"),
    tcbSigning: map("tcbSigning"),
  };
}
