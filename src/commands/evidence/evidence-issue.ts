import { evidenceSummary } from "../../attestation/evidence-summary.ts";
import type { Evidence } from "../../attestation/evidence.ts";
import { parsePresentedEvidence } from "../../attestation/parse-presented-evidence.ts";
import { joinBytes } from "../../lib/byte-stream.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { writeFileAtomically } from "../../lib/files.ts";
import { randomOctets } from "../../lib/random.ts";
import type { CommandImplementation } from "../../terminal/command-definition.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { collateralOptionsOf } from "../collateral-options.ts";
import { issuerOptionsOf } from "../issuer-options.ts";
import { hexFlag } from "../hex-flag.ts";

const REPORT_DATA_SIZE = 64;

/** `contrast evidence issue`; its definition is in `evidence-issue-definition.ts`. */
export const evidenceIssueCommand: CommandImplementation = {
  async run({ flags, positionals: [path = ""] }, io) {
    const reportData = hexFlag(flags, "report-data", REPORT_DATA_SIZE) ?? randomOctets(REPORT_DATA_SIZE);
    const issuer = await issuerOptionsOf(flags, io, await collateralOptionsOf(flags, io));
    const presented = await issuer.issue(reportData, io.signal);
    const evidence = parsePresentedEvidence(presented);
    const isRaw = flags.boolean("raw");
    const bytes = isRaw ? rawBytesOf(evidence) : presented.value;
    await writeFileAtomically(path, bytes);
    const hex = reportData.toHex();
    if (io.format === "json") {
      const { tee, source } = issuer;
      const result = { verified: false, tee, source, path, sha256: sha256Hex(bytes), reportData: hex };
      io.out(resultJson("evidence-issue", result));
      return;
    }
    io.out(
      evidenceSummary({
        evidence,
        form: isRaw ? rawFormOf(evidence) : `${evidence.tee}-attestation`,
        certificate: undefined,
      }),
    );
    io.out(`✔️ Wrote the evidence of ${issuer.source} to ${path}`);
    io.out("  Nothing of it was verified. Verify it, here or elsewhere:");
    io.out(`  contrast evidence verify ${path} --report-data ${hex}`);
  },
};

/** As the hardware signed it; of TDX with what its service left behind the quote. */
function rawBytesOf(evidence: Evidence): Uint8Array {
  if (evidence.tee === "snp") return evidence.snp.reportBytes;
  const { bytes, extra } = evidence.tdx.quote;
  return joinBytes([bytes, extra]);
}

function rawFormOf({ tee }: Evidence): "snp-report" | "tdx-quote" {
  return tee === "snp" ? "snp-report" : "tdx-quote";
}
