import type { Evidence } from "../../src/attestation/evidence.ts";
import { parsePresentedEvidence } from "../../src/attestation/parse-presented-evidence.ts";
import { EVIDENCE_OIDS } from "../../src/attestation/validator.ts";
import { concludeVerdict, type Verified } from "../../src/attestation/verdict.ts";
import { amdChip } from "./amd-chip.ts";
import { createIntelPlatform } from "./intel-platform.ts";

/** Evidence of an SEV-SNP guest with a policy, as if all checks had passed. */
export function snpEvidence(policyHash: string): Verified<Evidence> {
  return verified({ tee: "snp", snp: amdChip().evidence({ hostData: Uint8Array.fromHex(policyHash) }) });
}

/** Evidence of a TDX guest with a policy, as if all checks had passed. @param padding behind the hash */
export function tdxEvidence(policyHash: string, padding = 0): Verified<Evidence> {
  const mrConfigId = new Uint8Array(48).fill(padding);
  mrConfigId.set(Uint8Array.fromHex(policyHash));
  const value = createIntelPlatform().attestation(new Uint8Array(64), { mrConfigId });
  return verified(parsePresentedEvidence({ oid: EVIDENCE_OIDS.tdx, value }));
}

function verified(evidence: Evidence): Verified<Evidence> {
  const passed = { id: "test", subject: "Test", outcome: "passed" } as const;
  const verdict = concludeVerdict(evidence, [{ name: "authenticity", checks: [passed] }], undefined);
  if (verdict.outcome !== "accepted") throw new Error("the evidence of the test was not accepted");
  return verdict.evidence;
}
