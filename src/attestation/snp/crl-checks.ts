import type { Certificate } from "../../pki/x509/certificate.ts";
import { checkCrl, type CrlRule } from "../../pki/x509/check-crl.ts";
import type { Crl } from "../../pki/x509/crl.ts";
import { renderSignatureAlgorithm } from "../../pki/x509/signature-algorithm.ts";
import { acceptedRow, isAccepted } from "../accepted-expiry.ts";
import { failedRow, judgedRow, type Obstacle, type Row, unknownRow, waivedRow } from "../check-row.ts";
import type { Check } from "../verdict.ts";
import { AMD_SIGNATURE, isAmdSignature } from "./amd-signature.ts";
import { dependsOn } from "./depends-on.ts";

const ENCODING: Row = { id: "crl", subject: "revocation list (CRL)" };
const ALGORITHM: Row = { id: "crl.signature-algorithm", subject: "signature algorithm of the CRL" };

/** The rules of a list in words. */
const RULE_SUBJECTS: Readonly<Record<CrlRule, string>> = {
  "issuer-name": "issuer name of the CRL",
  "issuer-key": "issuer key of the CRL",
  signature: "signature of the CRL",
  "key-usage": "key usage of the ARK",
  "this-update": "beginning of the CRL",
  "next-update": "end of the CRL",
};

/** An old list could hide a revocation and one of the future proves a wrong clock: neither says anything. */
const RULES_ABOUT_TIME: readonly CrlRule[] = ["this-update", "next-update"];

/**
 * Judges whether the ARK made a revocation list and whether it is in force, one row for each rule.
 *
 * @param crl the list, or why there is none
 * @param acceptUntil until when the user accepts a list after its end
 */
export function checkRevocationList(
  crl: Crl | Obstacle,
  ark: Certificate | undefined,
  at: Date,
  acceptUntil?: Date,
): readonly Check[] {
  if (isObstacle(crl))
    return [unknownRow(ENCODING, crl), ...otherRows().map((row) => unknownRow(row, dependsOn("the CRL")))];
  if (ark === undefined) return [ENCODING, ...otherRows()].map((row) => unknownRow(row, dependsOn("the ARK")));
  const findings = checkCrl(crl, ark, at).map(({ rule, code, reason, compared }): Check => {
    const row = { ...rowOf(rule), ...compared() };
    if (code === undefined) return { ...row, outcome: "passed" };
    if (!RULES_ABOUT_TIME.includes(rule)) return failedRow(row, { code, reason });
    if (rule === "next-update" && acceptUntil !== undefined && isAccepted(crl.nextUpdate, at, acceptUntil)) {
      return acceptedRow(row, crl.nextUpdate, at, acceptUntil);
    }
    const remedy = "Fetch the current CRL of AMD with contrast collateral fetch.";
    return unknownRow(row, { code, reason, remedy });
  });
  return [{ ...ENCODING, outcome: "passed" }, checkCrlAlgorithm(crl), ...findings];
}

/** The same rows where the user does not want revocation to be checked. */
export function waivedRevocationList(): readonly Check[] {
  return [ENCODING, ...otherRows()].map((row) => waivedRow(row, "revocation checks were switched off"));
}

/** Whether a value is the reason why there is no list. */
export function isObstacle(crl: Crl | Obstacle): crl is Obstacle {
  return "code" in crl;
}

function checkCrlAlgorithm({ signatureAlgorithm }: Crl): Check {
  const actual = renderSignatureAlgorithm(signatureAlgorithm);
  const row = { ...ALGORITHM, expected: renderSignatureAlgorithm(AMD_SIGNATURE), actual };
  return judgedRow(row, isAmdSignature(signatureAlgorithm), { code: "snp/crl-form-wrong" });
}

function otherRows(): readonly Row[] {
  const rules: readonly CrlRule[] = [
    "issuer-name",
    "issuer-key",
    "signature",
    "key-usage",
    "this-update",
    "next-update",
  ];
  return [ALGORITHM, ...rules.map(rowOf)];
}

function rowOf(rule: CrlRule): Row {
  return { id: `crl.${rule}`, subject: RULE_SUBJECTS[rule] };
}
