import type { Evidence } from "./evidence.ts";
import type { EvidenceForm, ReadEvidence } from "./read-evidence.ts";

const FORMS: Readonly<Record<EvidenceForm, string>> = {
  "snp-report": "raw report",
  "snp-attestation": "extension of an aTLS certificate",
  "tdx-quote": "raw quote",
  "tdx-attestation": "extension of an aTLS certificate",
  certificate: "certificate with evidence",
};

/** What a file holds, on one line. */
export function evidenceSummary({ evidence, form }: ReadEvidence): string {
  return `${evidenceName(evidence)} (${FORMS[form]})`;
}

function evidenceName(evidence: Evidence): string {
  if (evidence.tee === "tdx") return `Intel TDX quote, version ${evidence.tdx.quote.header.version}`;
  const { report, product } = evidence.snp;
  const line = product === undefined ? "" : `, ${product}`;
  return `AMD SEV-SNP report, version ${report.version}${line}, signed by ${report.signerInfo.signingKey}`;
}
