import type { Certificate } from "../../pki/x509/certificate.ts";
import { checkPath } from "../../pki/x509/path.ts";
import { failedRow, type Row, unknownRow } from "../check-row.ts";
import type { SnpSigningKey } from "../collateral-need.ts";
import type { Check } from "../verdict.ts";
import { dependsOn } from "./depends-on.ts";

/** Rules of a path in words, as parts of `… of the VCEK`. */
const RULE_SUBJECTS = {
  "issuer-name": "issuer name",
  signature: "certificate signature",
  validity: "validity",
  ca: "CA flag",
  "path-length": "path length",
  "key-usage": "key usage",
  "critical-extensions": "critical extensions",
} as const;

/**
 * Judges the path from a VCEK or VLEK to the ARK, one row for each rule and certificate.
 *
 * @param chain the certificate itself, ASK or ASVK, ARK; all but the first are trusted roots. Empty where there is none
 */
export function checkChain(chain: readonly Certificate[], signingKey: SnpSigningKey, at: Date): readonly Check[] {
  if (chain.length === 0) {
    return [
      unknownRow({ id: "chain", subject: `path from the ${signingKey} to the ARK` }, dependsOn(`the ${signingKey}`)),
    ];
  }
  const names = [signingKey, issuerNameOf(signingKey), "ARK"];
  return checkPath(chain, at).map(({ rule, index, code, reason, compared }) => {
    const name = names[index] ?? "ARK";
    const subject = `${RULE_SUBJECTS[rule]} of the ${name}`;
    const row: Row = { id: `chain.${name.toLowerCase()}.${rule}`, subject, ...compared() };
    return code === undefined ? { ...row, outcome: "passed" } : failedRow(row, { code, reason });
  });
}

/** The certificate that signs VCEKs or VLEKs. */
export function issuerNameOf(signingKey: SnpSigningKey): "ASK" | "ASVK" {
  return signingKey === "VCEK" ? "ASK" : "ASVK";
}
