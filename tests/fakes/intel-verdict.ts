import type { Check, CheckOutcome, Verdict } from "../../src/attestation/verdict.ts";
import type { CollateralSet } from "../../src/attestation/collateral-need.ts";
import { tdxEvidenceFromQuote, type TdxEvidence } from "../../src/attestation/tdx/tdx-evidence.ts";
import { type TdxVerifyOptions, verifyTdx } from "../../src/attestation/tdx/verify-tdx.ts";
import type { IntelPlatform } from "./intel-platform.ts";

/** What may differ from judging the platform's usual quote with its own collateral at its own time. */
export interface PlatformJudgement extends Partial<TdxVerifyOptions> {
  readonly quote?: Uint8Array;
  readonly collateralSet?: CollateralSet;
}

/** The verdict about a quote of a fake platform, strict in everything. */
export function judgePlatform(
  platform: IntelPlatform,
  { quote, collateralSet, ...options }: PlatformJudgement = {},
): Verdict<TdxEvidence> {
  return verifyTdx(tdxEvidenceFromQuote(quote ?? platform.quote()), collateralSet ?? platform.collateralSet(), {
    at: platform.now,
    root: platform.root,
    revocation: "required",
    collateral: "required",
    expectations: undefined,
    expected: {},
    ...options,
  });
}

/** All rows of a verdict. */
export function rowsOf(verdict: Verdict<unknown>): readonly Check[] {
  return [...verdict.required, ...(verdict.alternatives ?? [])].flatMap(({ checks }) => checks);
}

/** `id code` of the rows with an outcome, in order. */
export function rowsThat(verdict: Verdict<unknown>, outcome: CheckOutcome): readonly string[] {
  return rowsOf(verdict)
    .filter((row) => row.outcome === outcome)
    .map(({ id, code }) => (code === undefined ? id : `${id} ${code}`));
}
