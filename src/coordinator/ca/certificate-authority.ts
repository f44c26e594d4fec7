import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { encodePublicKeyDer, publicKeyOf } from "../../lib/der-key.ts";
import { randomHex } from "../../lib/random.ts";
import { encodePem } from "../../pki/pem-block.ts";
import { type CertificateSigner, certificateSigner } from "../../pki/x509/certificate-signer.ts";
import {
  type CertificateExtension,
  type CertificateTemplate,
  createCertificate,
} from "../../pki/x509/create-certificate.ts";
import {
  authorityKeyIdExtension,
  basicConstraintsExtension,
  keyUsageExtension,
  subjectKeyIdExtension,
} from "../../pki/x509/encode-extensions.ts";
import { encodeName } from "../../pki/x509/encode-name.ts";
import { keyIdentifierOf } from "../../pki/x509/key-identifier.ts";
import { NAME_OID } from "../../pki/x509/name.ts";
import { leafExtensions } from "./leaf-extensions.ts";
import { workloadNames } from "./subject-alt-names.ts";
import { certifiedKey } from "./workload-key.ts";

/** The authority of one generation of a deployment: one manifest, one mesh key. Certificates are PEM, one block each. */
export interface CertificateAuthority {
  /** Certificate of the key that the seed leads to; the same key in every generation. */
  readonly rootPem: string;
  /** Certificate of the mesh key by the root; links workloads of any generation to the root. */
  readonly intermediatePem: string;
  /** Self-signed certificate of the mesh key, under the name of the intermediate. */
  readonly meshPem: string;
  /**
   * Makes the certificate of a workload.
   *
   * @throws ContrastError `coordinator/san-invalid`, `coordinator/workload-key-invalid`
   */
  readonly issue: (request: LeafRequest) => string;
}

/** What is certified of a workload. */
export interface LeafRequest {
  /** SubjectPublicKeyInfo of the key that the workload showed in its handshake; nothing of it is trusted. */
  readonly spkiDer: Uint8Array;
  /** As the manifest has them. */
  readonly sans: readonly string[];
  /** What the evidence of the workload says (`claimExtensions`). */
  readonly claims: readonly CertificateExtension[];
  readonly now: Date;
}

const ROOT = encodeName([{ oid: NAME_OID.commonName, value: "system:coordinator:root" }]);
/** The name of both certificates of the mesh key, so that one leaf chains to either. */
const INTERMEDIATE = encodeName([{ oid: NAME_OID.commonName, value: "system:coordinator:intermediate" }]);

const SERIAL_BYTES = 16;
/** Clocks of workloads may be behind. */
const BACKDATING_MS = 60 * 60 * 1000;
const AUTHORITY_YEARS = 10;
const LEAF_YEARS = 1;

/**
 * Creates an authority with a fresh mesh key, which never leaves it: who knows the seed cannot forge the mesh CA.
 * Intermediate and mesh certificate share name, key and key identifier.
 *
 * @param rootKey private; that of the seed engine
 * @throws ContrastError `pki/key-invalid` for a root key that cannot sign certificates
 * @see edgelesssys/contrast `internal/ca`
 */
export function createCertificateAuthority(rootKey: KeyObject, now: Date): CertificateAuthority {
  const { privateKey: meshKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
  const rootSigner = certificateSigner(rootKey);
  const meshSigner = certificateSigner(meshKey);
  const root = encodePublicKeyDer(publicKeyOf(rootKey), "spki");
  const mesh = encodePublicKeyDer(publicKeyOf(meshKey), "spki");
  const rootKeyId = keyIdentifierOf(root);
  const meshKeyId = keyIdentifierOf(mesh);
  const dates = validity(now, AUTHORITY_YEARS);
  const byRoot = { ...dates, issuer: ROOT };
  const byMesh = { ...dates, issuer: INTERMEDIATE };
  const meshExtensions = authorityExtensions(meshKeyId);
  const byRootExtensions = [...meshExtensions, authorityKeyIdExtension(rootKeyId)];
  return {
    rootPem: certify(
      { ...byRoot, subject: ROOT, spkiDer: root, extensions: authorityExtensions(rootKeyId) },
      rootSigner,
    ),
    intermediatePem: certify(
      { ...byRoot, subject: INTERMEDIATE, spkiDer: mesh, extensions: byRootExtensions },
      rootSigner,
    ),
    meshPem: certify({ ...byMesh, subject: INTERMEDIATE, spkiDer: mesh, extensions: meshExtensions }, meshSigner),
    issue({ spkiDer, sans, claims, now: issuedAt }) {
      const { commonName, names } = workloadNames(sans);
      const subject = encodeName([{ oid: NAME_OID.commonName, value: commonName }]);
      const key = certifiedKey(spkiDer);
      const extensions = leafExtensions(meshKeyId, names, claims);
      const leafDates = validity(issuedAt, LEAF_YEARS);
      return certify({ ...leafDates, issuer: INTERMEDIATE, subject, spkiDer: key, extensions }, meshSigner);
    },
  };
}

/** Calendar years; what is no day of the last year becomes the day after. */
function validity(now: Date, years: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const notAfter = new Date(now);
  notAfter.setUTCFullYear(now.getUTCFullYear() + years);
  return { notBefore: new Date(now.getTime() - BACKDATING_MS), notAfter };
}

/** Uniform from 1 to 2^128 - 1. */
function randomSerial(): bigint {
  for (;;) {
    const serial = BigInt(`0x${randomHex(SERIAL_BYTES)}`);
    if (serial !== 0n) return serial;
  }
}

function authorityExtensions(keyId: Uint8Array): readonly CertificateExtension[] {
  return [
    keyUsageExtension(["digitalSignature", "keyCertSign"]),
    basicConstraintsExtension({ ca: true, pathLength: undefined }),
    subjectKeyIdExtension(keyId),
  ];
}

/** A certificate in PEM under a serial number of its own. */
function certify(template: Omit<CertificateTemplate, "serial">, signer: CertificateSigner): string {
  return encodePem("CERTIFICATE", createCertificate({ ...template, serial: randomSerial() }, signer));
}
