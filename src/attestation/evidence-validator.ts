import { ContrastError, messageChainOf } from "../lib/errors.ts";
import type { CollateralItem } from "./collateral-need.ts";
import type { Evidence } from "./evidence.ts";
import { parsePresentedEvidence } from "./parse-presented-evidence.ts";
import type { GatherCollateral } from "./gather-collateral.ts";
import { judgeEvidence } from "./judge-evidence.ts";
import type { EvidenceMemos, JudgeOptions } from "./judge-options.ts";
import { createSnpChainCache } from "./snp/chain-cache.ts";
import type { SnpExpectations } from "./snp/expectations.ts";
import type { TdxExpectations } from "./tdx/expectations.ts";
import { createTdxMemo } from "./tdx/tdx-memo.ts";
import type { PresentedEvidence, EvidenceValidator } from "./validator.ts";
import { refuseUnjudged, type Verdict } from "./verdict.ts";

/** What peers are measured by. */
export interface EvidenceValidatorOptions extends Pick<
  JudgeOptions,
  "roots" | "revocation" | "collateral" | "acceptExpired" | "refuseEarly"
> {
  readonly gather: GatherCollateral;
  /** Collateral at hand beside what the evidence carries. */
  readonly supplied: readonly CollateralItem[];
  /** The time of each verification. */
  readonly at: () => Date;
  readonly snp: readonly SnpExpectations[];
  readonly tdx: readonly TdxExpectations[];
  /** The policy hash that peers must have, 32 bytes; undefined where any will do or `hostDataOneOf` says which. */
  readonly hostData: Uint8Array | undefined;
  readonly hostDataOneOf?: readonly Uint8Array[] | undefined;
}

/**
 * Makes what judges the evidence of peers by the reference values of a manifest. It may serve several connections at
 * once; chains that were good once are remembered between them.
 *
 * Evidence that cannot be read becomes a refusing verdict, as evidence of a kind without reference values does.
 */
export function createEvidenceValidator(options: EvidenceValidatorOptions): EvidenceValidator {
  const memos: EvidenceMemos = { snp: createSnpChainCache(), tdx: createTdxMemo(), accepted: new Set() };
  const { gather, supplied, at, roots, revocation, collateral, acceptExpired, refuseEarly } = options;
  const { snp, tdx, hostData, hostDataOneOf } = options;
  return async (presented, reportData, signal) => {
    const evidence = readOrRefuse(presented);
    if ("refusal" in evidence) return evidence.refusal;
    return await judgeEvidence(evidence.evidence, gather, {
      at: at(),
      roots,
      revocation,
      collateral,
      acceptExpired,
      refuseEarly,
      references: { snp, tdx },
      expected: { reportData, hostData, hostDataOneOf },
      supplied,
      signal,
      memos,
    });
  };
}

type ReadOrRefused = { readonly evidence: Evidence } | { readonly refusal: Verdict<never> };

function readOrRefuse(presented: PresentedEvidence): ReadOrRefused {
  try {
    return { evidence: parsePresentedEvidence(presented) };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const { code, hint } = error;
    const refusal = refuseUnjudged({
      id: "form",
      subject: "Form of the evidence",
      code,
      reason: messageChainOf(error),
      remedy: hint,
    });
    return { refusal };
  }
}
