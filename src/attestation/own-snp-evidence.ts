import { ContrastError } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import type { SnpProduct } from "./collateral-need.ts";
import { certifiedProductOf } from "./snp/certified-product.ts";
import { parseSnpReport } from "./snp/parse-report.ts";
import { productOfCpuid } from "./snp/product.ts";
import type { SnpEndorsements, SnpEvidence } from "./snp/snp-evidence.ts";
import type { SnpReport } from "./snp/snp-report.ts";

/** SNP evidence of the machine that the program runs in. */
export type OwnSnpEvidence = SnpEvidence;

/** What endorses reports of the machine that the program runs in. */
export type OwnSnpEndorsements = SnpEndorsements;

/**
 * Evidence of a report that this machine has just made.
 *
 * @param reportData what the report was asked to be bound to
 * @param cpuid of the processor, as the operating system tells it; for reports of version 2, which do not name it
 * @throws ContrastError `issuer/report-malformed`, `issuer/report-data-differs`
 */
export function ownSnpEvidence(
  reportBytes: Uint8Array,
  reportData: Uint8Array,
  endorsements: SnpEndorsements,
  cpuid: SnpReport["cpuid"],
): SnpEvidence {
  const report = readOwn(reportBytes);
  if (!sameBytes(report.reportData, reportData)) {
    throw new ContrastError("issuer/report-data-differs", "Cannot use the report: it is bound to other report data");
  }
  return { report, reportBytes: reportBytes.slice(), product: productOf(report, endorsements, cpuid), endorsements };
}

function readOwn(reportBytes: Uint8Array): SnpReport {
  try {
    return parseSnpReport(reportBytes);
  } catch (error) {
    throw new ContrastError("issuer/report-malformed", "Cannot use what the kernel gave as SNP report", {
      cause: error,
    });
  }
}

/** What a report of version 3 says is signed; for version 2 the operating system knows better than the host. */
function productOf(
  report: SnpReport,
  { vcek, vlek }: SnpEndorsements,
  cpuid: SnpReport["cpuid"],
): SnpProduct | undefined {
  if (report.cpuid !== undefined) return productOfCpuid(report.cpuid);
  return (cpuid && productOfCpuid(cpuid)) ?? certifiedProductOf(vcek ?? vlek);
}
