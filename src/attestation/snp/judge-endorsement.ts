import type { KeyObject } from "node:crypto";
import { failedRow, type Row } from "../check-row.ts";
import type { SnpProduct, SnpSigningKey } from "../collateral-need.ts";
import type { AmdRoots } from "../trust-roots.ts";
import type { Check } from "../verdict.ts";
import { type Certificate, parseCertificate, publicKeyOf } from "../../pki/x509/certificate.ts";
import { type AmdExtensions, parseAmdExtensions } from "./amd-extensions.ts";
import { type CertificateInQuestion, checkCertificateForm, unknownCertificateForm } from "./certificate-form.ts";
import { dependsOn } from "./depends-on.ts";

/** What can be said about a VCEK or VLEK without knowing the time. */
export interface JudgedEndorsement {
  /** Undefined where it cannot be read. */
  readonly certificate: Certificate | undefined;
  /** Undefined where they are incomplete or malformed. */
  readonly extensions: AmdExtensions | undefined;
  /** P-384; undefined where the certificate has another kind. */
  readonly key: KeyObject | undefined;
  /** The certificate itself first; empty where it cannot be read. */
  readonly chain: readonly Certificate[];
  readonly checks: readonly Check[];
}

/**
 * Judges the form of a VCEK or VLEK and puts it before its issuers, which are those of `roots` whatever came with the
 * evidence. The result depends on nothing but the arguments.
 *
 * @param der the certificate
 */
export function judgeEndorsement(
  der: Uint8Array,
  signingKey: SnpSigningKey,
  product: SnpProduct,
  roots: AmdRoots,
): JudgedEndorsement {
  const row: Row = { id: "certificate.encoding", subject: `encoding of the ${signingKey}` };
  const certificate = readCertificate(der, signingKey);
  if (certificate instanceof Error) {
    const unreadable = failedRow(row, { code: "snp/certificate-unreadable", reason: certificate.message });
    return { ...unusableEndorsement(signingKey), checks: [unreadable, ...unusableEndorsement(signingKey).checks] };
  }
  const chain = [certificate, signingKey === "VCEK" ? roots.ask : roots.asvk, roots.ark];
  const extensions = readExtensions(certificate, signingKey, product);
  const inQuestion: CertificateInQuestion = {
    certificate,
    key: p384KeyOf(certificate),
    extensions,
    signingKey,
    product,
  };
  return {
    certificate,
    extensions: extensions instanceof Error ? undefined : extensions,
    key: inQuestion.key,
    chain,
    checks: [{ ...row, outcome: "passed" }, ...checkCertificateForm(inQuestion)],
  };
}

/** The rows of a certificate that is not at hand or cannot be read: none of its checks could be made. */
export function unusableEndorsement(signingKey: SnpSigningKey): JudgedEndorsement {
  const checks = unknownCertificateForm(signingKey, dependsOn(`the ${signingKey}`));
  return { certificate: undefined, extensions: undefined, key: undefined, chain: [], checks };
}

function readCertificate(der: Uint8Array, what: string): Certificate | Error {
  try {
    return parseCertificate(der, what);
  } catch (error) {
    return asError(error);
  }
}

function readExtensions(
  certificate: Certificate,
  signingKey: SnpSigningKey,
  product: SnpProduct,
): AmdExtensions | Error {
  try {
    return parseAmdExtensions(certificate, signingKey, product);
  } catch (error) {
    return asError(error);
  }
}

function p384KeyOf(certificate: Certificate): KeyObject | undefined {
  try {
    const key = publicKeyOf(certificate);
    return key.asymmetricKeyDetails?.namedCurve === "secp384r1" ? key : undefined;
  } catch {
    return undefined;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
