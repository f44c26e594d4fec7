import { publicKeyOf } from "../../pki/x509/certificate.ts";
import { verifyRawEcdsa } from "../../pki/raw-ecdsa.ts";
import { judgedRow } from "../check-row.ts";
import type { SignedDocument } from "./signed-document.ts";
import type { QeIdentity } from "./qe-identity.ts";
import { type Finding, judgedByCall, type Step } from "./step.ts";
import type { TcbInfo } from "./tcb-info.ts";
import type { TdxMemo } from "./tdx-memo.ts";
import { validityFinding } from "./validity-finding.ts";

/** A signed document and what it is judged by. */
export interface JudgedDocument<T> {
  readonly document: SignedDocument<T>;
  readonly at: Date;
  readonly acceptExpiredUntil: Date | undefined;
  readonly memo: TdxMemo;
}

/** The platform that TCB info must be about. */
export interface PlatformFamily {
  /** 12 lower-case hexadecimal digits. */
  readonly fmspc: string;
  /** 4 lower-case hexadecimal digits; undefined where it is not known. */
  readonly pceId: string | undefined;
}

/** Steps that make TCB info count for a platform. */
export function tcbInfoSteps(platform: PlatformFamily): readonly Step<JudgedDocument<TcbInfo>>[] {
  return [
    { id: "tcb-info.signature", subject: "TCB info: signature", judge: judgeSignature },
    { id: "tcb-info.id", subject: "TCB info: id", judge: (judged) => judgeId(judged, "TDX") },
    { id: "tcb-info.version", subject: "TCB info: version", judge: (judged) => judgeVersion(judged, 3) },
    { id: "tcb-info.levels", subject: "TCB info: levels", judge: judgeLevels },
    { id: "tcb-info.validity", subject: "TCB info: current", judge: judgeValidity },
    { id: "tcb-info.fmspc", subject: "TCB info: FMSPC", judge: (judged) => judgeFmspc(judged, platform.fmspc) },
    { id: "tcb-info.pce-id", subject: "TCB info: PCE-ID", judge: (judged) => judgePceId(judged, platform.pceId) },
  ];
}

/** Steps that make a QE identity count. */
export const QE_IDENTITY_STEPS: readonly Step<JudgedDocument<QeIdentity>>[] = [
  { id: "qe-identity.signature", subject: "QE identity: signature", judge: judgeSignature },
  { id: "qe-identity.id", subject: "QE identity: id", judge: (judged) => judgeId(judged, "TD_QE") },
  { id: "qe-identity.version", subject: "QE identity: version", judge: (judged) => judgeVersion(judged, 2) },
  { id: "qe-identity.levels", subject: "QE identity: levels", judge: judgeLevels },
  { id: "qe-identity.validity", subject: "QE identity: current", judge: judgeValidity },
];

function judgeSignature({ document, memo }: JudgedDocument<unknown>): Finding {
  const { signed, issuer } = document;
  return judgedByCall(
    () => {
      if (memo.verifiedDocuments.get(signed) === issuer.signing) return;
      verifyRawEcdsa("sha256", signed.signedBytes, publicKeyOf(issuer.signing), signed.signature, "signed document");
      memo.verifiedDocuments.set(signed, issuer.signing);
    },
    {
      code: "tdx/collateral-signature-invalid",
      reason: "the signing certificate's key did not sign this text",
      remedy: "Fetch the collateral again; this copy was changed.",
    },
  );
}

function judgeId({ document: { content } }: JudgedDocument<{ readonly id: string }>, expected: string): Finding {
  return judgedRow({ actual: content.id, expected }, content.id === expected, {
    code: "tdx/collateral-wrong",
    reason: "the document is about another kind of enclave",
  });
}

function judgeVersion(
  { document: { content } }: JudgedDocument<{ readonly version: number }>,
  expected: number,
): Finding {
  return judgedRow({ actual: String(content.version), expected: String(expected) }, content.version === expected, {
    code: "tdx/collateral-wrong",
    reason: "documents of other versions mean something else",
  });
}

function judgeLevels({ document: { content } }: JudgedDocument<{ readonly levels: readonly unknown[] }>): Finding {
  return judgedRow({ actual: String(content.levels.length), expected: "at least 1" }, content.levels.length > 0, {
    code: "tdx/collateral-wrong",
    reason: "a document without levels says nothing",
  });
}

interface DatedContent {
  readonly issueDate: Date;
  readonly nextUpdate: Date;
  readonly evaluationDataNumber: number;
}

function judgeValidity({ document: { content }, at, acceptExpiredUntil }: JudgedDocument<DatedContent>): Finding {
  const meaning = `TCB evaluation data number ${content.evaluationDataNumber}`;
  return { meaning, ...validityFinding(content.issueDate, content.nextUpdate, at, acceptExpiredUntil) };
}

function judgeFmspc({ document: { content } }: JudgedDocument<TcbInfo>, expected: string): Finding {
  return judgedRow({ actual: content.fmspc, expected, source: "PCK certificate" }, content.fmspc === expected, {
    code: "tdx/collateral-wrong",
    reason: "the document is about other processors",
  });
}

function judgePceId({ document: { content } }: JudgedDocument<TcbInfo>, expected: string | undefined): Finding {
  return judgedRow(
    { actual: content.pceId, expected, source: "PCK certificate" },
    expected === undefined || content.pceId === expected,
    { code: "tdx/collateral-wrong", reason: "the document is about another provisioning enclave" },
  );
}
