import { renderInstant } from "../../lib/instant.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import type { Crl } from "../../pki/x509/crl.ts";
import { failedRow, type Obstacle, type Row, unknownRow, waivedRow } from "../check-row.ts";
import type { SnpSigningKey } from "../collateral-need.ts";
import type { AmdRoots } from "../trust-roots.ts";
import { type Check, groupOutcome } from "../verdict.ts";
import { issuerNameOf } from "./chain-checks.ts";
import { dependsOn } from "./depends-on.ts";
import { checkRevocationList, isObstacle, waivedRevocationList } from "./crl-checks.ts";

/**
 * All rows about revocation: those of the list, and whether the certificate that signs VCEKs or VLEKs is on it.
 *
 * @param crl the list, or why there is none
 * @param roots of the product in force, if it is known
 * @param acceptUntil until when the user accepts a list after its end
 */
export function revocationChecks(
  crl: Crl | Obstacle,
  roots: AmdRoots | undefined,
  signingKey: SnpSigningKey,
  at: Date,
  acceptUntil?: Date,
): readonly Check[] {
  const list = checkRevocationList(crl, roots?.ark, at, acceptUntil);
  const issuer = signingKey === "VCEK" ? roots?.ask : roots?.asvk;
  return [...list, checkRevocation(crl, list, issuer, signingKey)];
}

/** The same rows where the user does not want revocation to be checked. */
export function waivedRevocationChecks(signingKey: SnpSigningKey): readonly Check[] {
  return [...waivedRevocationList(), waivedRow(rowOf(signingKey), "revocation checks were switched off")];
}

/**
 * The signer of VCEKs or VLEKs must not be revoked; a revocation stands even in an old list. AMD does not revoke single
 * VCEKs: their serial numbers are all 0, and higher TCB versions take their place.
 */
function checkRevocation(
  crl: Crl | Obstacle,
  list: readonly Check[],
  issuer: Certificate | undefined,
  signingKey: SnpSigningKey,
): Check {
  const row = rowOf(signingKey);
  const outcome = groupOutcome({ name: "crl", checks: list });
  if (isObstacle(crl) || issuer === undefined || outcome === "failed") return unknownRow(row, dependsOn("the CRL"));
  const revocation = crl.revoked.get(issuer.serialHex);
  if (revocation !== undefined) {
    const reason = `it was revoked at ${renderInstant(revocation.revokedAt)} (${revocation.reason ?? "no reason given"})`;
    return failedRow(row, { code: "snp/issuer-revoked", reason });
  }
  if (outcome === "unknown") return unknownRow(row, dependsOn("the CRL"));
  if (list.some((check) => check.outcome === "waived")) {
    return waivedRow(
      { ...row, actual: "not in a list that has expired" },
      "the list has expired, and the user accepts that",
    );
  }
  return { ...row, actual: "not revoked", outcome: "passed" };
}

function rowOf(signingKey: SnpSigningKey): Row {
  return { id: "revocation", subject: `revocation of the ${issuerNameOf(signingKey)}`, expected: "not revoked" };
}
