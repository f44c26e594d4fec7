import { type Obstacle } from "../check-row.ts";
import type { CollateralNeed, CollateralSet, SnpProduct, SnpSigningKey } from "../collateral-need.ts";
import { dependsOn } from "./depends-on.ts";
import { isMaskedChipId } from "./endorsement-binding.ts";
import type { SnpEvidence } from "./snp-evidence.ts";
import { parseTcb } from "./tcb.ts";

/** Bytes that were found, or why they were not. */
export type Found = Uint8Array | Obstacle;

/** Whether `Found` has bytes. */
export function isFound(found: Found): found is Uint8Array {
  return found instanceof Uint8Array;
}

/**
 * The certificate that endorses a report: the one in the evidence, else a VCEK from AMD. VLEKs can only come with the
 * evidence, because AMD hands them to cloud providers alone.
 */
export function findEndorsement(
  evidence: SnpEvidence,
  collateral: CollateralSet,
  product: SnpProduct | undefined,
): Found {
  const { report, endorsements } = evidence;
  switch (report.signerInfo.signingKey) {
    case "none":
      return dependsOn("a signing key");
    case "VLEK":
      return endorsements.vlek ?? missing("snp/vlek-missing", "the VLEK did not come with the evidence", "VLEK");
    case "VCEK":
      break;
    default:
      return report.signerInfo.signingKey satisfies never;
  }
  if (endorsements.vcek !== undefined) return endorsements.vcek;
  if (isMaskedChipId(report.chipId)) {
    return missing("snp/chip-id-masked", "the host masks the chip id, so the VCEK must come with the evidence", "VCEK");
  }
  if (product === undefined) return dependsOn("the product of the machine");
  const answer = collateral.answer(vcekNeed(evidence, product));
  if (answer.found) return answer.item.body;
  return { code: "snp/vcek-missing", reason: answer.reason, remedy: answer.remedy };
}

/** The revocation list of AMD for a product line. */
export function findCrl(collateral: CollateralSet, product: SnpProduct, signingKey: SnpSigningKey): Found {
  const answer = collateral.answer({ kind: "amd-crl", product, signingKey });
  if (answer.found) return answer.item.body;
  return { code: "snp/crl-missing", reason: answer.reason, remedy: answer.remedy };
}

/** What AMD's service must be asked for to get the VCEK of a report. */
export function vcekNeed({ report }: SnpEvidence, product: SnpProduct): CollateralNeed {
  const chipId = product === "Turin" ? report.chipId.subarray(0, 8) : report.chipId;
  return { kind: "amd-vcek", product, chipIdHex: chipId.toHex(), tcb: parseTcb(report.reportedTcb, product) };
}

function missing(code: "snp/vlek-missing" | "snp/chip-id-masked", reason: string, name: SnpSigningKey): Obstacle {
  return { code, reason, remedy: `Get the ${name} from the operator of the host and give it with --certs.` };
}
