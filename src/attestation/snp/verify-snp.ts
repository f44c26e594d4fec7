import { failedRow, type Row, unknownRow } from "../check-row.ts";
import type { CollateralSet, SnpProduct, SnpSigningKey } from "../collateral-need.ts";
import { type Check, type CheckGroup, concludeVerdict, type Verdict } from "../verdict.ts";
import { checkChain } from "./chain-checks.ts";
import { dependsOn } from "./depends-on.ts";
import { chooseCrl } from "./choose-crl.ts";
import { checkCertificateChip, checkCertificateTcb } from "./endorsement-binding.ts";
import { judgeExpectations } from "./expectation-group.ts";
import { checkExpectationSizes } from "./expectations.ts";
import { findCrl, findEndorsement, type Found, isFound } from "./find-collateral.ts";
import { judgeEndorsement, type JudgedEndorsement, unusableEndorsement } from "./judge-endorsement.ts";
import { checkProduct, productInForce } from "./product-in-force.ts";
import { checkReportAlgorithm, checkReportSignature, checkSignatureForm } from "./report-signature.ts";
import { requestChecks } from "./request-checks.ts";
import { revocationChecks, waivedRevocationChecks } from "./revocation-checks.ts";
import type { SnpEvidence } from "./snp-evidence.ts";
import type { SnpVerifyOptions } from "./snp-options.ts";
import type { SnpReport } from "./snp-report.ts";

/**
 * Verifies SNP evidence: that AMD's processor made the report (group `authenticity`), that it answers the caller (group
 * `request`), that it fits one entry of the reference values (the alternatives). Pure: everything that it depends on is
 * an argument, and what is missing in `collateral` makes rows `unknown`.
 *
 * @throws ContrastError `lib/internal` for expectations of a wrong size, which are a mistake of the caller
 * @see google/go-sev-guest verify/verify.go and validate/validate.go; edgelesssys/contrast internal/attestation/snp
 */
export function verifySnp(
  evidence: SnpEvidence,
  collateral: CollateralSet,
  options: SnpVerifyOptions,
): Verdict<SnpEvidence> {
  checkExpectationSizes(options.expectations ?? [], options.expected);
  const { report } = evidence;
  const product = productInForce(evidence, collateral, options);
  const found = findEndorsement(evidence, collateral, product);
  const endorsement = judgeFound(found, signingKeyOf(report), product, options);
  const authenticity: CheckGroup = {
    name: "authenticity",
    checks: [
      checkProduct(evidence, product),
      checkSigningKey(report, options),
      checkEndorsement(found, report),
      ...endorsement.checks,
      ...checkChain(endorsement.chain, signingKeyOf(report), options.at),
      ...checkRevocations(evidence, collateral, product, options),
      checkReportAlgorithm(report),
      checkSignatureForm(report),
      checkReportSignature(evidence, endorsement.key),
      checkCertificateTcb(report, endorsement.extensions, product),
      checkCertificateChip(report, endorsement.extensions),
    ],
  };
  const request = requestChecks(report, options.expected);
  const alternatives = options.expectations?.map((expectations) =>
    judgeExpectations(report, expectations, product, endorsement.extensions),
  );
  return concludeVerdict(
    evidence,
    request === undefined ? [authenticity] : [authenticity, { name: "request", checks: request }],
    alternatives,
  );
}

/** Reference values are about chips of the own data centre: with them VLEKs are refused, as Contrast 1.4 does. */
function checkSigningKey({ signerInfo: { signingKey } }: SnpReport, { expectations }: SnpVerifyOptions): Check {
  const expected = expectations === undefined ? "VCEK or VLEK" : "VCEK";
  const row: Row = { id: "signing-key", subject: "SIGNING_KEY", expected, actual: signingKey };
  if (signingKey === "none") {
    return failedRow(row, { code: "snp/signing-key-none", reason: "the report was signed by no key" });
  }
  if (signingKey === "VLEK" && expectations !== undefined) {
    return failedRow(row, {
      code: "snp/vlek-unsupported",
      reason: "the report is signed by a key of a cloud provider (VLEK), which Contrast does not support",
      remedy: "Run the deployment on hosts that sign with the key of the chip (VCEK).",
    });
  }
  return { ...row, outcome: "passed" };
}

/** There must be a certificate for the key that signed the report. */
function checkEndorsement(found: Found, { signerInfo: { signingKey } }: SnpReport): Check {
  const name = signingKey === "none" ? "VCEK or VLEK" : signingKey;
  const row: Row = { id: "certificate", subject: `certificate of the signing key (${name})` };
  return isFound(found) ? { ...row, outcome: "passed" } : unknownRow(row, found);
}

function judgeFound(
  found: Found,
  signingKey: SnpSigningKey,
  product: SnpProduct | undefined,
  { roots, chains }: SnpVerifyOptions,
): JudgedEndorsement {
  if (!isFound(found) || product === undefined) return unusableEndorsement(signingKey);
  const judge = (): JudgedEndorsement => judgeEndorsement(found, signingKey, product, roots[product]);
  if (chains === undefined) return judge();
  const { ark, ask, asvk } = roots[product];
  const issuer = signingKey === "VCEK" ? ask : asvk;
  return chains.endorsements.remember([found, signingKey, product, issuer.der, ark.der], judge);
}

function checkRevocations(
  evidence: SnpEvidence,
  collateral: CollateralSet,
  product: SnpProduct | undefined,
  options: SnpVerifyOptions,
): readonly Check[] {
  const signingKey = signingKeyOf(evidence.report);
  if (options.revocation === "waived") return waivedRevocationChecks(signingKey);
  if (product === undefined)
    return revocationChecks(dependsOn("the product of the machine"), undefined, signingKey, options.at);
  const crl = chooseCrl(evidence, collateral, product, signingKey, options);
  // Whoever presents evidence could choose a list from before a revocation, so its own list never counts after its end.
  const isGathered = isFound(findCrl(collateral, product, signingKey));
  const acceptUntil = isGathered ? options.acceptExpiredUntil : undefined;
  return revocationChecks(crl, options.roots[product], signingKey, options.at, acceptUntil);
}

/** A report that no key signed is shown with the rows of a VCEK. */
function signingKeyOf({ signerInfo: { signingKey } }: SnpReport): SnpSigningKey {
  return signingKey === "none" ? "VCEK" : signingKey;
}
