import type { JudgeOptions } from "./judge-options.ts";
import type { SnpVerifyOptions } from "./snp/snp-options.ts";
import type { TdxVerifyOptions } from "./tdx/verify-tdx.ts";

/** What of the options concerns SEV-SNP. */
export function snpVerifyOptions(options: JudgeOptions): SnpVerifyOptions {
  const { at, roots, revocation, acceptExpired, references, expected, memos } = options;
  const chains = memos === undefined ? {} : { chains: memos.snp };
  const acceptExpiredUntil = acceptExpired?.until;
  return { at, roots: roots.amd, revocation, acceptExpiredUntil, expectations: references?.snp, expected, ...chains };
}

/** What of the options concerns TDX. */
export function tdxVerifyOptions(options: JudgeOptions): TdxVerifyOptions {
  const { at, roots, revocation, collateral, acceptExpired, references, expected, memos } = options;
  const memo = memos === undefined ? {} : { memo: memos.tdx };
  const judging = { at, root: roots.intel, revocation, collateral, acceptExpiredUntil: acceptExpired?.until };
  return { ...judging, expectations: references?.tdx, expected, ...memo };
}
