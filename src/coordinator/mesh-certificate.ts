import type { Evidence } from "../attestation/evidence.ts";
import type { Verified } from "../attestation/verdict.ts";
import { ContrastError } from "../lib/errors.ts";
import { claimExtensions, workloadSecretIdExtension } from "./ca/claims.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a workload gets. Certificates are PEM. */
export interface MeshCertificate {
  /** By which the manifest knows the workload; 64 lower-case hex digits. */
  readonly policyHash: string;
  readonly meshCaPem: string;
  /** The workload's certificate, then the intermediate. */
  readonly certChainPem: string;
  readonly rootCaPem: string;
  /** Secret, for the workload alone; undefined where the manifest names none. */
  readonly workloadSecret: Uint8Array | undefined;
}

const POLICY_HASH_BYTES = 32;

/**
 * Certifies the key of an attested workload under the names that the manifest has for its policy.
 *
 * @param snapshot of the handshake, so that evidence, names and authority belong to one manifest
 * @param spkiDer the key of the handshake, which the evidence is bound to
 * @throws ContrastError `coordinator/policy-unknown`, `coordinator/san-invalid`, `coordinator/workload-key-invalid`
 * @see edgelesssys/contrast `coordinator/meshapi.go`
 */
export function newMeshCertificate(
  { manifest, ca, seedEngine }: Snapshot,
  evidence: Verified<Evidence>,
  spkiDer: Uint8Array,
  now: Date,
): MeshCertificate {
  const policyHash = policyHashOf(evidence.value);
  const entry = manifest.policies.get(policyHash);
  if (entry === undefined) {
    throw new ContrastError(
      "coordinator/policy-unknown",
      `Cannot certify a workload: policy hash ${policyHash} not found in manifest`,
      { details: { policyHash } },
    );
  }
  const { sans, workloadSecretId } = entry;
  const claims = [...claimExtensions(evidence.value), ...workloadSecretIdExtension(workloadSecretId)];
  const leafPem = ca.issue({ spkiDer, sans: sans ?? [], claims, now });
  return {
    policyHash,
    meshCaPem: ca.meshPem,
    certChainPem: leafPem + ca.intermediatePem,
    rootCaPem: ca.rootPem,
    workloadSecret: workloadSecretId === "" ? undefined : seedEngine.workloadSecret(workloadSecretId),
  };
}

/**
 * The policy that a guest was started with, by which the manifest knows its workload; 64 lower-case hex digits. A TDX
 * guest has zeros behind it; what has something else there was started with no policy's hash, and keeps all digits, which
 * no manifest names.
 */
function policyHashOf(evidence: Evidence): string {
  if (evidence.tee === "snp") return evidence.snp.report.hostData.toHex();
  const { mrConfigId } = evidence.tdx.quote.body;
  const isPadded = mrConfigId.subarray(POLICY_HASH_BYTES).every((byte) => byte === 0);
  return (isPadded ? mrConfigId.subarray(0, POLICY_HASH_BYTES) : mrConfigId).toHex();
}
