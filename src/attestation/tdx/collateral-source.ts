import { ContrastError } from "../../lib/errors.ts";
import { type Crl, parseCrl } from "../../pki/x509/crl.ts";
import type { CollateralItem, CollateralNeed, CollateralSet } from "../collateral-need.ts";
import type { Check } from "../verdict.ts";
import { PemChainReader } from "./pem-chain.ts";
import { parseQeIdentity, type QeIdentity } from "./qe-identity.ts";
import type { IssuerChain, SignedDocument } from "./signed-document.ts";
import { failedBy, type Finding, type Source } from "./step.ts";
import { parseTcbInfo, type TcbInfo } from "./tcb-info.ts";
import type { TdxMemo } from "./tdx-memo.ts";

/**
 * Takes collateral out of a set and reads it.
 *
 * @returns not ready where it is missing (then nothing can be checked) or malformed (then it is refused)
 */
export function readCollateral<T>(
  collateral: CollateralSet,
  need: CollateralNeed,
  parse: (item: Pick<CollateralItem, "body" | "issuerChainPem">) => T,
): Source<T> {
  const answer = collateral.answer(need);
  if (!answer.found) {
    return {
      ready: false,
      finding: { outcome: "unknown", code: "tdx/collateral-missing", reason: answer.reason, remedy: answer.remedy },
    };
  }
  try {
    return { ready: true, value: parse(answer.item) };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const isMissing = error.code === "tdx/collateral-missing";
    return { ready: false, finding: { ...failedBy(error), outcome: isMissing ? "unknown" : "failed" } };
  }
}

/**
 * The row that says whether a piece of collateral could be read, and what the steps about its content look at: where it
 * could not, only that one row is a refusal.
 */
export function judgeForm<T>(
  prefix: string,
  subject: string,
  source: Source<T>,
): { readonly check: Check; readonly rest: Source<T> } {
  const finding: Finding = source.ready ? { outcome: "passed" } : source.finding;
  const check = { id: `${prefix}.form`, subject: `${subject}: form`, ...finding };
  if (source.ready || finding.outcome !== "failed") return { check, rest: source };
  const unread: Finding = { outcome: "unknown", code: "tdx/collateral-invalid", reason: `the ${subject} was not read` };
  return { check, rest: { ready: false, finding: unread } };
}

type Item = Pick<CollateralItem, "body" | "issuerChainPem">;

/** @throws ContrastError `tdx/collateral-invalid` */
export function readTcbInfo({ body, issuerChainPem }: Item, memo: TdxMemo): SignedDocument<TcbInfo> {
  return memo.tcbInfos.valueOf([body, issuerChainPem ?? ""], () => {
    const { info, ...signed } = parseTcbInfo(body);
    return { signed, content: info, issuer: readIssuerChain(issuerChainPem, "TCB info", memo) };
  });
}

/** @throws ContrastError `tdx/collateral-invalid` */
export function readQeIdentity({ body, issuerChainPem }: Item, memo: TdxMemo): SignedDocument<QeIdentity> {
  return memo.qeIdentities.valueOf([body, issuerChainPem ?? ""], () => {
    const { identity, ...signed } = parseQeIdentity(body);
    return { signed, content: identity, issuer: readIssuerChain(issuerChainPem, "QE identity", memo) };
  });
}

/** @throws ContrastError `tdx/collateral-invalid` */
export function readCrl({ body }: Pick<CollateralItem, "body">, what: string, memo: TdxMemo): Crl {
  return memo.crls.valueOf([body], () => {
    try {
      return parseCrl(body, what);
    } catch (error) {
      throw new ContrastError("tdx/collateral-invalid", `Cannot read ${what}: it is malformed`, { cause: error });
    }
  });
}

/**
 * Reads the two certificates of an issuer chain header, already decoded to PEM.
 *
 * @throws ContrastError `tdx/collateral-invalid`, `tdx/collateral-missing` where there is none
 */
export function readIssuerChain(pem: string | undefined, what: string, { certificates }: TdxMemo): IssuerChain {
  if (pem === undefined) {
    throw new ContrastError("tdx/collateral-missing", `Cannot verify ${what}: it came without its issuer chain`, {
      hint: "Give the document together with the issuer chain header of Intel's answer.",
    });
  }
  const reader = new PemChainReader(pem, "tdx/collateral-invalid", `issuer chain of ${what}`, certificates);
  const chain = {
    signing: reader.certificate("signing certificate"),
    root: reader.certificate("root certificate"),
  };
  reader.end();
  return chain;
}
