import type { Evidence } from "./evidence.ts";
import { describeSnpReport } from "./snp/describe-report.ts";
import { describeTdxQuote } from "./tdx/describe-quote.ts";

/** One field of evidence for people. */
export interface EvidenceField {
  /** As the specification of the hardware calls it. */
  readonly name: string;
  readonly value: string;
  /** What the value says, where that is not plain. */
  readonly meaning?: string | undefined;
}

/** Every field of the evidence, as it states it. */
export function describeEvidence(evidence: Evidence): readonly EvidenceField[] {
  if (evidence.tee === "snp") return describeSnpReport(evidence.snp.report, evidence.snp.product);
  return describeTdxQuote(evidence.tdx);
}
