import type { Certificate } from "../../pki/x509/certificate.ts";
import type { Crl } from "../../pki/x509/crl.ts";
import type { CollateralNeed, CollateralSet } from "../collateral-need.ts";
import type { Check } from "../verdict.ts";
import { judgeForm, readCollateral, readCrl } from "./collateral-source.ts";
import { crlSteps, type JudgedCrl, judgedCrl, type RevocationQuestion, revocationStep } from "./crl-steps.ts";
import type { DocumentSigners } from "./judge-documents.ts";
import { pckCrlNeed } from "./tdx-needs.ts";
import { judgeSteps, noneFailed, type Source } from "./step.ts";
import type { PckChain } from "./tdx-evidence.ts";
import type { TdxMemo } from "./tdx-memo.ts";

/** What revocation is judged by. */
export interface RevocationOptions {
  readonly at: Date;
  readonly root: Certificate;
  readonly revocation: "required" | "waived";
  readonly acceptExpiredUntil?: Date | undefined;
  readonly memo: TdxMemo;
}

const ROOT_CRL = "CRL of the root";
const PCK_CRL = "CRL of the PCK certificates";
const REVOCATION_STEPS = {
  intermediate: revocationStep("revocation.intermediate", "intermediate certificate"),
  pck: revocationStep("revocation.pck", "PCK certificate"),
  tcbInfoSigner: revocationStep("revocation.tcb-info-signer", "certificate that signed the TCB info"),
  qeIdentitySigner: revocationStep("revocation.qe-identity-signer", "certificate that signed the QE identity"),
};

/** Judges both revocation lists, and by them every certificate below the root. */
export function judgeRevocation(
  chain: PckChain,
  signers: DocumentSigners,
  collateral: CollateralSet,
  options: RevocationOptions,
): readonly Check[] {
  const rootCrl = crlSource(collateral, { kind: "intel-root-crl" }, ROOT_CRL, options);
  const pckCrl = crlSource(collateral, pckCrlNeed(chain), PCK_CRL, options);
  const rootCrlChecks = judgeCrl("root-crl", ROOT_CRL, rootCrl, options.root, options);
  const pckCrlChecks = judgeCrl("pck-crl", PCK_CRL, pckCrl, chain.intermediate, options);
  const inRootCrl = (certificate: Source<Certificate>): Source<RevocationQuestion> =>
    questionOf(certificate, rootCrl, rootCrlChecks);
  const known = (certificate: Certificate): Source<Certificate> => ({ ready: true, value: certificate });
  return [
    ...rootCrlChecks,
    ...pckCrlChecks,
    ...judgeSteps([REVOCATION_STEPS.intermediate], inRootCrl(known(chain.intermediate))),
    ...judgeSteps([REVOCATION_STEPS.pck], questionOf(known(chain.pck), pckCrl, pckCrlChecks)),
    ...judgeSteps([REVOCATION_STEPS.tcbInfoSigner], inRootCrl(signers.tcbInfo)),
    ...judgeSteps([REVOCATION_STEPS.qeIdentitySigner], inRootCrl(signers.qeIdentity)),
  ];
}

function crlSource(
  collateral: CollateralSet,
  need: CollateralNeed,
  what: string,
  { revocation, memo }: RevocationOptions,
): Source<Crl> {
  if (revocation === "required") return readCollateral(collateral, need, (item) => readCrl(item, what, memo));
  return { ready: false, finding: { outcome: "waived", reason: "the user chose to go without revocation lists" } };
}

function judgeCrl(
  prefix: string,
  subject: string,
  crl: Source<Crl>,
  issuer: Certificate,
  { at, acceptExpiredUntil }: RevocationOptions,
): readonly Check[] {
  const { check, rest } = judgeForm(prefix, subject, crl);
  const source: Source<JudgedCrl> = rest.ready
    ? { ready: true, value: judgedCrl(rest.value, issuer, at, acceptExpiredUntil) }
    : rest;
  return [check, ...judgeSteps(crlSteps(prefix, subject), source)];
}

/** A list that was refused answers nothing. */
function questionOf(
  certificate: Source<Certificate>,
  crl: Source<Crl>,
  crlChecks: readonly Check[],
): Source<RevocationQuestion> {
  if (!crl.ready && crl.finding.outcome !== "failed") return crl;
  if (!certificate.ready && certificate.finding.outcome !== "failed") return certificate;
  if (crl.ready && certificate.ready && noneFailed(crlChecks)) {
    return { ready: true, value: { certificate: certificate.value, crl: crl.value } };
  }
  return {
    ready: false,
    finding: {
      outcome: "unknown",
      code: "tdx/collateral-invalid",
      reason: certificate.ready ? "the revocation list was refused" : "the certificate was not read",
    },
  };
}
