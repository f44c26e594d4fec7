import { renderInstant } from "../../lib/instant.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { checkCrl, type CrlFinding } from "../../pki/x509/check-crl.ts";
import type { Crl } from "../../pki/x509/crl.ts";
import { renderSignatureAlgorithm } from "../../pki/x509/signature-algorithm.ts";
import { judgedRow } from "../check-row.ts";
import { type Finding, type Step } from "./step.ts";
import { validityFinding } from "./validity-finding.ts";

/** A revocation list and what is known about it. */
export interface JudgedCrl {
  readonly crl: Crl;
  readonly at: Date;
  readonly acceptExpiredUntil: Date | undefined;
  readonly findings: readonly CrlFinding[];
}

/** Applies the rules of revocation lists; the steps say what came of it. */
export function judgedCrl(crl: Crl, issuer: Certificate, at: Date, acceptExpiredUntil?: Date): JudgedCrl {
  return { crl, at, acceptExpiredUntil, findings: checkCrl(crl, issuer, at) };
}

/**
 * Steps that make a revocation list count.
 *
 * @param prefix of the rows' names, such as `root-crl`
 * @param subject such as `CRL of the root`
 */
export function crlSteps(prefix: string, subject: string): readonly Step<JudgedCrl>[] {
  const rule = (rule: CrlFinding["rule"], what: string): Step<JudgedCrl> => ({
    id: `${prefix}.${rule}`,
    subject: `${subject}: ${what}`,
    judge: ({ findings }) => ruleFinding(findings, rule),
  });
  return [
    rule("issuer-name", "issuer"),
    rule("issuer-key", "key of the issuer"),
    rule("key-usage", "the issuer may sign CRLs"),
    { id: `${prefix}.algorithm`, subject: `${subject}: signature algorithm`, judge: judgeAlgorithm },
    rule("signature", "signature"),
    { id: `${prefix}.validity`, subject: `${subject}: current`, judge: judgeValidity },
  ];
}

function ruleFinding(findings: readonly CrlFinding[], rule: CrlFinding["rule"]): Finding {
  const finding = findings.find((candidate) => candidate.rule === rule);
  if (finding === undefined) return { outcome: "passed" };
  const { passed, compared, code, reason } = finding;
  return passed ? { outcome: "passed", ...compared() } : { outcome: "failed", ...compared(), code, reason };
}

/** Intel signs lists in one way only. */
function judgeAlgorithm({ crl: { signatureAlgorithm } }: JudgedCrl): Finding {
  return judgedRow(
    { actual: renderSignatureAlgorithm(signatureAlgorithm), expected: "ECDSA with SHA-256" },
    signatureAlgorithm.kind === "ecdsa" && signatureAlgorithm.hash === "sha256",
    { code: "tdx/chain-profile", reason: "Intel signs revocation lists in no other way" },
  );
}

function judgeValidity({ crl, at, acceptExpiredUntil }: JudgedCrl): Finding {
  return validityFinding(crl.thisUpdate, crl.nextUpdate, at, acceptExpiredUntil);
}

/** A certificate and the list of its issuer. */
export interface RevocationQuestion {
  readonly certificate: Certificate;
  readonly crl: Crl;
}

/** The step that looks for a certificate in a list that counts. */
export function revocationStep(id: string, subject: string): Step<RevocationQuestion> {
  return { id, subject: `${subject}: not revoked`, judge: judgeRevocation };
}

function judgeRevocation({ certificate, crl }: RevocationQuestion): Finding {
  const entry = crl.revoked.get(certificate.serialHex);
  const actual = `serial ${certificate.serialHex}, list of ${renderInstant(crl.thisUpdate)}`;
  if (entry === undefined) return { outcome: "passed", actual };
  const why = entry.reason === undefined ? "" : ` (${entry.reason})`;
  return {
    outcome: "failed",
    actual,
    code: "tdx/certificate-revoked",
    reason: `it was revoked at ${renderInstant(entry.revokedAt)}${why}`,
    remedy: "Do not trust this platform; its vendor withdrew the certificate.",
  };
}
