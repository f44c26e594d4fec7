import type { Certificate } from "../../pki/x509/certificate.ts";
import type { CollateralSet } from "../collateral-need.ts";
import type { EvidenceExpectations } from "../evidence-expectations.ts";
import { type Check, type CheckGroup, concludeVerdict, type Verdict } from "../verdict.ts";
import {
  chainSteps,
  judgedChain,
  type JudgedChain,
  pathLengthStep,
  PCK_EXTENSIONS_STEP,
  ROOT_CA_NAME,
} from "./chain-steps.ts";
import { judgeClaims } from "./claim-steps.ts";
import type { TdxExpectations } from "./expectations.ts";
import { judgeDocuments } from "./judge-documents.ts";
import { judgeRevocation } from "./judge-revocation.ts";
import { attestationKeyOf, QUOTE_STEPS } from "./quote-steps.ts";
import { judgeRequest } from "./request-steps.ts";
import { judgeSteps } from "./step.ts";
import type { PckChain, TdxEvidence } from "./tdx-evidence.ts";
import { createTdxMemo, type TdxMemo } from "./tdx-memo.ts";
import { PCK_CA_NAMES } from "./tdx-needs.ts";

/** What TDX evidence is judged by. */
export interface TdxVerifyOptions {
  /** The time for which everything must be valid. */
  readonly at: Date;
  /** Intel SGX Root CA. */
  readonly root: Certificate;
  /** `waived`: certificates may be revoked. */
  readonly revocation: "required" | "waived";
  /** `waived`: TCB info and QE identity are not looked at, so the state of platform and quoting enclave is not known. */
  readonly collateral: "required" | "waived";
  /** Until when the user accepts lists, TCB info and QE identity after their end; undefined for never. */
  readonly acceptExpiredUntil?: Date | undefined;
  /** Reference values of which one entry must be met; undefined where only authenticity is judged. */
  readonly expectations: readonly TdxExpectations[] | undefined;
  /** What the caller itself expects. */
  readonly expected: EvidenceExpectations;
  /** Shared by verifications that want to read and verify equal certificates and collateral once. */
  readonly memo?: TdxMemo | undefined;
}

/**
 * Verifies TDX evidence: every step has its row in the verdict, whatever the steps before it found. Reads no clock and
 * fetches nothing.
 *
 * @param collateral what `tdxNeeds` asked for; what is missing in it is `unknown` in the verdict
 * @see Intel TDX DCAP: Quote Generation Library and Quote Verification Library; google/go-tdx-guest verify and validate
 */
export function verifyTdx(
  evidence: TdxEvidence,
  collateral: CollateralSet,
  options: TdxVerifyOptions,
): Verdict<TdxEvidence> {
  const { expectations, expected } = options;
  const request = judgeRequest(evidence.quote.body, expected);
  const alternatives = expectations?.map((entry) => judgeClaims(evidence.quote, entry));
  const authenticity = judgeAuthenticity(evidence, collateral, options);
  return concludeVerdict(evidence, request === undefined ? [authenticity] : [authenticity, request], alternatives);
}

function judgeAuthenticity(evidence: TdxEvidence, collateral: CollateralSet, options: TdxVerifyOptions): CheckGroup {
  const memo = options.memo ?? createTdxMemo();
  // Known first, so that a root of equal bytes anywhere becomes this object.
  memo.certificates.valueOf([options.root.der], () => options.root);
  const chain = knownChain(evidence.chain, memo);
  const known = { ...evidence, chain };
  const documents = judgeDocuments(known, collateral, { ...options, memo });
  const checks: readonly Check[] = [
    ...judgeSteps(CHAIN_STEPS, { ready: true, value: pckChain(chain, options) }),
    ...judgeSteps([PCK_EXTENSIONS_STEP], { ready: true, value: chain.pck }),
    ...judgeSteps(QUOTE_STEPS, { ready: true, value: { ...known, key: attestationKeyOf(known) } }),
    ...documents.checks,
    ...judgeRevocation(chain, documents.signers, collateral, { ...options, memo }),
  ];
  return { name: "authenticity", checks };
}

const CHAIN_STEPS = [...chainSteps("chain", "PCK certificate chain"), pathLengthStep("chain", "PCK certificate chain")];

/** The Platform CA alone issues certificates for platforms with TDX. */
function pckChain({ pck, intermediate, root }: PckChain, options: TdxVerifyOptions): JudgedChain {
  const chain = {
    certificates: [pck, intermediate, root],
    commonNames: ["Intel SGX PCK Certificate", PCK_CA_NAMES.platform, ROOT_CA_NAME],
    trustedRoot: options.root,
    ofEvidence: true,
  };
  return judgedChain(chain, options.at);
}

function knownChain(chain: PckChain, { certificates }: TdxMemo): PckChain {
  const known = (certificate: Certificate): Certificate => certificates.valueOf([certificate.der], () => certificate);
  return { pck: known(chain.pck), intermediate: known(chain.intermediate), root: known(chain.root) };
}
