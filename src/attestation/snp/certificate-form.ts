import type { KeyObject } from "node:crypto";
import { failedRow, judgedRow, type Obstacle, type Row, unknownRow } from "../check-row.ts";
import type { SnpProduct, SnpSigningKey } from "../collateral-need.ts";
import type { Check } from "../verdict.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { type Name, NAME_OID, nameAttribute, renderName } from "../../pki/x509/name.ts";
import { renderSignatureAlgorithm } from "../../pki/x509/signature-algorithm.ts";
import type { AmdExtensions } from "./amd-extensions.ts";
import { AMD_SIGNATURE, isAmdSignature } from "./amd-signature.ts";
import { dependsOn } from "./depends-on.ts";
import { productOfName } from "./product.ts";

/** A VCEK or VLEK with what was read from it. */
export interface CertificateInQuestion {
  readonly certificate: Certificate;
  /** Undefined if it is not on P-384. */
  readonly key: KeyObject | undefined;
  readonly extensions: AmdExtensions | Error;
  readonly signingKey: SnpSigningKey;
  readonly product: SnpProduct;
}

interface FormCheck {
  readonly id: string;
  readonly subject: string;
  readonly judge: (row: Row, inQuestion: CertificateInQuestion) => Check;
}

const FORM_CHECKS: readonly FormCheck[] = [
  { id: "certificate.signature-algorithm", subject: "signature algorithm", judge: checkSignatureAlgorithm },
  { id: "certificate.key", subject: "key", judge: checkKey },
  { id: "certificate.subject", subject: "subject", judge: checkSubject },
  { id: "certificate.issuer", subject: "issuer", judge: checkIssuer },
  { id: "certificate.extensions", subject: "extensions of AMD", judge: checkExtensions },
  { id: "certificate.struct-version", subject: "structVersion", judge: checkStructVersion },
  { id: "certificate.product", subject: "productName", judge: checkProduct },
];

/** What all names of AMD's certificates have in common; each has a common name beside it and nothing else. */
const AMD_NAME: readonly (readonly [oid: string, value: string])[] = [
  [NAME_OID.organizationalUnit, "Engineering"],
  [NAME_OID.country, "US"],
  [NAME_OID.locality, "Santa Clara"],
  [NAME_OID.state, "CA"],
  [NAME_OID.organization, "Advanced Micro Devices"],
];

/**
 * Judges whether a certificate looks as AMD makes them, one row for each property. That it has X.509 version 3 follows
 * from its extensions, which no other version may have.
 *
 * @see AMD 57230 (VCEK Certificate and KDS Interface Specification), chapter 3
 */
export function checkCertificateForm(inQuestion: CertificateInQuestion): readonly Check[] {
  return FORM_CHECKS.map(({ judge, ...check }) => judge(rowOf(check, inQuestion.signingKey), inQuestion));
}

/** The same rows for a certificate that is not there. */
export function unknownCertificateForm(signingKey: SnpSigningKey, obstacle: Obstacle): readonly Check[] {
  return FORM_CHECKS.map(({ id, subject }) => unknownRow(rowOf({ id, subject }, signingKey), obstacle));
}

function rowOf({ id, subject }: { id: string; subject: string }, signingKey: SnpSigningKey): Row {
  return { id, subject: `${subject} of the ${signingKey}` };
}

function checkSignatureAlgorithm(row: Row, { certificate: { signatureAlgorithm } }: CertificateInQuestion): Check {
  const compared = {
    ...row,
    expected: renderSignatureAlgorithm(AMD_SIGNATURE),
    actual: renderSignatureAlgorithm(signatureAlgorithm),
  };
  return judgedRow(compared, isAmdSignature(signatureAlgorithm), { code: "snp/certificate-form-wrong" });
}

function checkKey(row: Row, { key }: CertificateInQuestion): Check {
  const compared = { ...row, expected: "EC P-384", actual: key === undefined ? "another key" : "EC P-384" };
  return judgedRow(compared, key !== undefined, { code: "snp/certificate-form-wrong" });
}

function checkSubject(row: Row, { certificate, signingKey }: CertificateInQuestion): Check {
  return checkName(row, certificate.subject, `SEV-${signingKey}`);
}

function checkIssuer(row: Row, { certificate, signingKey, product }: CertificateInQuestion): Check {
  return checkName(row, certificate.issuer, signingKey === "VCEK" ? `SEV-${product}` : `SEV-VLEK-${product}`);
}

function checkName(row: Row, name: Name, commonName: string): Check {
  const wanted = [...AMD_NAME, [NAME_OID.commonName, commonName] as const];
  const isAmds =
    name.attributes.length === wanted.length && wanted.every(([oid, value]) => nameAttribute(name, oid) === value);
  const compared = { ...row, expected: `CN=${commonName} of Advanced Micro Devices`, actual: renderName(name) };
  return judgedRow(compared, isAmds, { code: "snp/certificate-form-wrong" });
}

function checkExtensions(row: Row, { extensions }: CertificateInQuestion): Check {
  if (extensions instanceof Error) {
    return failedRow(row, { code: "snp/certificate-extensions-invalid", reason: extensions.message });
  }
  return { ...row, outcome: "passed" };
}

function checkStructVersion(row: Row, { extensions, product }: CertificateInQuestion): Check {
  if (extensions instanceof Error) return unknownRow(row, dependsOn("the extensions"));
  const expected = product === "Turin" ? 1 : 0;
  const compared = { ...row, expected: String(expected), actual: String(extensions.structVersion) };
  return judgedRow(compared, extensions.structVersion === expected, { code: "snp/certificate-form-wrong" });
}

/** The stepping behind the dash is not compared: AMD's service names the wrong one for some chips. */
function checkProduct(row: Row, { extensions, product }: CertificateInQuestion): Check {
  if (extensions instanceof Error) return unknownRow(row, dependsOn("the extensions"));
  const { productName } = extensions;
  const compared = { ...row, expected: product, actual: productName };
  return judgedRow(compared, productOfName(productName) === product, {
    code: "snp/certificate-product-wrong",
    reason: `the report is from a ${product} machine, its certificate is for ${productName}`,
  });
}
