import type { Certificate } from "../../pki/x509/certificate.ts";
import type { CollateralSet } from "../collateral-need.ts";
import type { Check } from "../verdict.ts";
import { chainSteps, judgedChain, ROOT_CA_NAME } from "./chain-steps.ts";
import { judgeForm, readCollateral, readQeIdentity, readTcbInfo } from "./collateral-source.ts";
import { type JudgedDocument, QE_IDENTITY_STEPS, tcbInfoSteps } from "./document-steps.ts";
import { judgedQe, QE_STEPS } from "./qe-steps.ts";
import { judgeSteps, noneFailed, type Source, type Step } from "./step.ts";
import type { SignedDocument } from "./signed-document.ts";
import { judgedTcb, TCB_STEPS } from "./tcb-steps.ts";
import type { TdxEvidence } from "./tdx-evidence.ts";
import type { TdxMemo } from "./tdx-memo.ts";

/** What documents are judged by. */
export interface DocumentOptions {
  readonly at: Date;
  readonly root: Certificate;
  readonly collateral: "required" | "waived";
  readonly acceptExpiredUntil?: Date | undefined;
  readonly memo: TdxMemo;
}

/** Certificates that signed documents, for whoever looks them up in revocation lists. */
export interface DocumentSigners {
  readonly tcbInfo: Source<Certificate>;
  readonly qeIdentity: Source<Certificate>;
}

/** Judges TCB info and QE identity, and by them the platform, its TDX module and its quoting enclave. */
export function judgeDocuments(
  evidence: TdxEvidence,
  collateral: CollateralSet,
  options: DocumentOptions,
): { readonly checks: readonly Check[]; readonly signers: DocumentSigners } {
  const { platform, quote } = evidence;
  const tcbInfo = sourceOf(options, () =>
    readCollateral(collateral, { kind: "intel-tcb-info", fmspc: platform.fmspc }, (item) =>
      readTcbInfo(item, options.memo),
    ),
  );
  const qeIdentity = sourceOf(options, () =>
    readCollateral(collateral, { kind: "intel-qe-identity" }, (item) => readQeIdentity(item, options.memo)),
  );
  const tcbInfoChecks = judgeDocument("tcb-info", "TCB info", tcbInfo, tcbInfoSteps(platform), options);
  const qeIdentityChecks = judgeDocument("qe-identity", "QE identity", qeIdentity, QE_IDENTITY_STEPS, options);
  const tcb = countingSource("TCB info", tcbInfo, tcbInfoChecks, (info) => judgedTcb(evidence, info));
  const qe = countingSource("QE identity", qeIdentity, qeIdentityChecks, (identity) =>
    judgedQe(quote.qeReport, identity),
  );
  return {
    checks: [...tcbInfoChecks, ...qeIdentityChecks, ...judgeSteps(TCB_STEPS, tcb), ...judgeSteps(QE_STEPS, qe)],
    signers: { tcbInfo: signerOf(tcbInfo), qeIdentity: signerOf(qeIdentity) },
  };
}

function sourceOf<T>(options: DocumentOptions, read: () => Source<T>): Source<T> {
  if (options.collateral === "required") return read();
  return {
    ready: false,
    finding: { outcome: "waived", reason: "the user chose to go without TCB info and QE identity" },
  };
}

/** Form, issuer chain, signature and content of one document. */
export function judgeDocument<T>(
  prefix: string,
  subject: string,
  source: Source<SignedDocument<T>>,
  steps: readonly Step<JudgedDocument<T>>[],
  { at, root, acceptExpiredUntil, memo }: Omit<DocumentOptions, "collateral">,
): readonly Check[] {
  const { check, rest } = judgeForm(prefix, subject, source);
  return [
    check,
    ...judgeSteps(
      chainSteps(`${prefix}.chain`, `issuer chain of ${subject}`),
      mapSource(rest, ({ issuer }) =>
        judgedChain(
          {
            certificates: [issuer.signing, issuer.root],
            commonNames: ["Intel SGX TCB Signing", ROOT_CA_NAME],
            trustedRoot: root,
            ofEvidence: false,
          },
          at,
        ),
      ),
    ),
    ...judgeSteps(
      steps,
      mapSource(rest, (document) => ({ document, at, acceptExpiredUntil, memo })),
    ),
  ];
}

/** What is derived from a document, unless the document was refused: then it says nothing. */
function countingSource<T, U>(
  subject: string,
  source: Source<SignedDocument<T>>,
  checks: readonly Check[],
  derive: (content: T) => U,
): Source<U> {
  if (source.ready && noneFailed(checks)) return { ready: true, value: derive(source.value.content) };
  if (!source.ready && source.finding.outcome !== "failed") return source;
  return {
    ready: false,
    finding: { outcome: "unknown", code: "tdx/collateral-invalid", reason: `the ${subject} was refused` },
  };
}

function signerOf(source: Source<SignedDocument<unknown>>): Source<Certificate> {
  return mapSource(source, ({ issuer }) => issuer.signing);
}

function mapSource<T, U>(source: Source<T>, map: (value: T) => U): Source<U> {
  return source.ready ? { ready: true, value: map(source.value) } : source;
}
