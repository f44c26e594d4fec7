import { failedRow, type Row, unknownRow } from "../check-row.ts";
import type { CollateralSet, SnpProduct } from "../collateral-need.ts";
import type { Check } from "../verdict.ts";
import { certifiedProductOf } from "./certified-product.ts";
import { vcekNeed } from "./find-collateral.ts";
import type { SnpEvidence } from "./snp-evidence.ts";
import type { SnpVerifyOptions } from "./snp-options.ts";

/**
 * The product lines that a report may be from. Since version 3 the report itself says it; for version 2 the sender does,
 * else the certificate that came along, else the reference values. None of these can make another product's roots
 * accept a chain.
 */
export function productCandidates(
  { report, product, endorsements }: SnpEvidence,
  { expectations = [] }: Pick<SnpVerifyOptions, "expectations">,
): readonly SnpProduct[] {
  if (product !== undefined) return [product];
  if (report.cpuid !== undefined) return [];
  const certified = certifiedProductOf(endorsements.vcek ?? endorsements.vlek);
  if (certified !== undefined) return [certified];
  return [...new Set(expectations.map((entry) => entry.product))];
}

/** The product line whose roots decide: of several candidates the one for which AMD's service knows the chip. */
export function productInForce(
  evidence: SnpEvidence,
  collateral: CollateralSet,
  options: Pick<SnpVerifyOptions, "expectations">,
): SnpProduct | undefined {
  const candidates = productCandidates(evidence, options);
  return candidates.find((product) => collateral.answer(vcekNeed(evidence, product)).found) ?? candidates[0];
}

/** The machine must be of a known product line. */
export function checkProduct({ report }: SnpEvidence, product: SnpProduct | undefined): Check {
  const row: Row = { id: "product", subject: "product", expected: "Milan, Genoa or Turin" };
  if (product !== undefined) return { ...row, actual: product, outcome: "passed" };
  const { cpuid } = report;
  if (cpuid === undefined) {
    return unknownRow(row, {
      code: "snp/product-undetermined",
      reason: "a report of version 2 does not name its product, and nothing else does",
      remedy: "Give the VCEK with --certs, or reference values with --manifest.",
    });
  }
  const actual = `family 0x${cpuid.family.toString(16)}, model 0x${cpuid.model.toString(16)}`;
  return failedRow({ ...row, actual }, { code: "snp/product-unknown", reason: "no such processor is known" });
}
