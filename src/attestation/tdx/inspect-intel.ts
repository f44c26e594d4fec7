import { ContrastError } from "../../lib/errors.ts";
import type { Certificate } from "../../pki/x509/certificate.ts";
import { NAME_OID, nameAttribute } from "../../pki/x509/name.ts";
import type { CollateralItem } from "../collateral-need.ts";
import type { CollateralValidity } from "../gather-collateral.ts";
import type { Check } from "../verdict.ts";
import { chainSteps, judgedChain, ROOT_CA_NAME } from "./chain-steps.ts";
import { readCrl, readIssuerChain, readQeIdentity, readTcbInfo } from "./collateral-source.ts";
import { crlSteps, judgedCrl } from "./crl-steps.ts";
import { QE_IDENTITY_STEPS, tcbInfoSteps } from "./document-steps.ts";
import { judgeDocument } from "./judge-documents.ts";
import { judgeSteps } from "./step.ts";
import { createTdxMemo } from "./tdx-memo.ts";
import { PCK_CA_NAMES } from "./tdx-needs.ts";

/**
 * Looks into a piece of Intel's collateral: whether it is what its need asks for and signed by the root. Whether it is
 * current is not judged.
 *
 * The list of PCK certificates is checked as far as its issuer chain, if it came with one, allows; a verification checks
 * it with the certificates of the quote.
 *
 * @param root Intel SGX Root CA
 * @returns the dates that the object states for itself
 * @throws ContrastError `tdx/collateral-invalid` for what cannot be read, or the code of the step that refused it
 */
export function inspectIntelCollateral(item: CollateralItem, root: Certificate): CollateralValidity {
  switch (item.need.kind) {
    case "intel-tcb-info":
      return inspectTcbInfo(item, item.need.fmspc, root);
    case "intel-qe-identity":
      return inspectQeIdentity(item, root);
    case "intel-root-crl":
      return inspectCrl(item, root, "CRL of the root");
    case "intel-pck-crl":
      return inspectPckCrl(item, PCK_CA_NAMES[item.need.ca], root);
    case "amd-vcek":
    case "amd-chain":
    case "amd-crl":
      throw wrong(`Cannot use ${item.need.kind} for TDX: it is not Intel's`);
    default:
      return item.need satisfies never;
  }
}

function inspectTcbInfo(item: CollateralItem, fmspc: string, root: Certificate): CollateralValidity {
  const memo = createTdxMemo();
  const document = readTcbInfo(item, memo);
  const { issueDate, nextUpdate } = document.content;
  const source = { ready: true, value: document } as const;
  const options = { at: issueDate, root, memo };
  refuseFailed(judgeDocument("tcb-info", "TCB info", source, tcbInfoSteps({ fmspc, pceId: undefined }), options));
  return { notBefore: issueDate, notAfter: nextUpdate };
}

function inspectQeIdentity(item: CollateralItem, root: Certificate): CollateralValidity {
  const memo = createTdxMemo();
  const document = readQeIdentity(item, memo);
  const { issueDate, nextUpdate } = document.content;
  const source = { ready: true, value: document } as const;
  const options = { at: issueDate, root, memo };
  refuseFailed(judgeDocument("qe-identity", "QE identity", source, QE_IDENTITY_STEPS, options));
  return { notBefore: issueDate, notAfter: nextUpdate };
}

function inspectPckCrl(item: CollateralItem, caName: string, root: Certificate): CollateralValidity {
  const what = "CRL of the PCK certificates";
  const memo = createTdxMemo();
  const crl = readCrl(item, what, memo);
  if (nameAttribute(crl.issuer, NAME_OID.commonName) !== caName) {
    throw wrong(`Cannot use ${what}: its issuer is not "${caName}"`);
  }
  if (item.issuerChainPem === undefined) return { notBefore: crl.thisUpdate, notAfter: crl.nextUpdate };
  const { signing } = readIssuerChain(item.issuerChainPem, what, memo);
  const certificates = [signing, root];
  const chain = { certificates, commonNames: [caName, ROOT_CA_NAME], trustedRoot: root, ofEvidence: false };
  const value = judgedChain(chain, crl.thisUpdate);
  refuseFailed(judgeSteps(chainSteps("issuer-chain", "issuer chain"), { ready: true, value }));
  return inspectCrl(item, signing, what);
}

function inspectCrl(item: CollateralItem, issuer: Certificate, what: string): CollateralValidity {
  const crl = readCrl(item, what, createTdxMemo());
  const { thisUpdate, nextUpdate } = crl;
  refuseFailed(judgeSteps(crlSteps("crl", what), { ready: true, value: judgedCrl(crl, issuer, thisUpdate) }));
  return { notBefore: thisUpdate, notAfter: nextUpdate };
}

function refuseFailed(checks: readonly Check[]): void {
  const failed = checks.find(({ outcome }) => outcome === "failed");
  if (failed === undefined) return;
  const { code = "tdx/collateral-wrong", subject, reason = "refused" } = failed;
  throw new ContrastError(code, `Cannot use collateral: ${subject}: ${reason}`);
}

function wrong(message: string): ContrastError {
  return new ContrastError("tdx/collateral-wrong", message);
}
