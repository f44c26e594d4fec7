import { createPublicKey, type KeyObject } from "node:crypto";
import { encodePublicKeyDer } from "../lib/der-key.ts";
import { randomHex } from "../lib/random.ts";
import { certificateSigner } from "./x509/certificate-signer.ts";
import { type CertificateExtension, createCertificate } from "./x509/create-certificate.ts";
import { encodeName } from "./x509/encode-name.ts";
import { NAME_OID } from "./x509/name.ts";

/** What stands in a self-signed certificate. */
export interface SelfSignedTemplate {
  readonly commonName: string;
  /** Private key on P-256 or P-384, or RSA of 2048 bits or more. */
  readonly key: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** In this order; nothing is added to them. */
  readonly extensions: readonly CertificateExtension[];
  /** 0 or more; random below 2^128 unless given. */
  readonly serial?: bigint | undefined;
}

const SERIAL_BYTES = 16;

/**
 * Makes a certificate of version 3 whose subject and issuer are one common name and which is signed with its own key:
 * ECDSA with SHA-256 on P-256 and SHA-384 on P-384, RSASSA-PKCS1-v1_5 with SHA-256 for RSA. Beside the given extensions
 * it has none, as aTLS wants it.
 *
 * @returns DER
 * @throws ContrastError `pki/key-invalid` for other keys
 * @see edgelesssys/contrast `internal/atls`
 */
export function createSelfSigned(template: SelfSignedTemplate): Uint8Array {
  const { commonName, key, notBefore, notAfter, extensions } = template;
  const signer = certificateSigner(key);
  const serial = template.serial ?? BigInt(`0x${randomHex(SERIAL_BYTES)}`);
  const name = encodeName([{ oid: NAME_OID.commonName, value: commonName }]);
  const spkiDer = encodePublicKeyDer(createPublicKey(key), "spki");
  return createCertificate({ serial, issuer: name, subject: name, notBefore, notAfter, spkiDer, extensions }, signer);
}
