import type { AtlsAdmission } from "../attestation/atls/serve/serve-options.ts";
import { createEvidenceValidator, type EvidenceValidatorOptions } from "../attestation/evidence-validator.ts";
import type { EvidenceValidator } from "../attestation/validator.ts";
import { snpExpectations, tdxExpectations } from "../manifest/expectations.ts";
import type { Authority } from "./authority.ts";
import type { Snapshot } from "./snapshot.ts";

/** What workloads are judged with, beside the manifest. */
export interface MeshAdmissionOptions extends Pick<EvidenceValidatorOptions, "at" | "roots" | "gather"> {
  readonly authority: Pick<Authority, "current">;
}

/**
 * Makes what decides about each connection of the mesh API: it is judged by the reference values of the manifest that is
 * in force when it begins. Which policy a workload has is not asked here but by the call, as in version 1.4.
 *
 * @returns rejects with `ContrastError` of `Authority.current`, and with `manifest/…` for a manifest that was set by
 *   version 1.4 and cannot be judged by
 */
export function createMeshAdmission({
  authority,
  ...means
}: MeshAdmissionOptions): () => Promise<AtlsAdmission<Snapshot>> {
  let last: { readonly manifest: Snapshot["manifest"]; readonly validate: EvidenceValidator } | undefined;
  return async () => {
    const admission = await authority.current();
    // The validator remembers chains that were good, for as long as its manifest is in force.
    if (last?.manifest !== admission.manifest)
      last = { manifest: admission.manifest, validate: validatorOf(admission, means) };
    return { validate: last.validate, admission };
  };
}

function validatorOf({ manifest }: Snapshot, means: Omit<MeshAdmissionOptions, "authority">): EvidenceValidator {
  return createEvidenceValidator({
    ...means,
    supplied: [],
    revocation: "required",
    collateral: "required",
    // Anybody may connect: forgeries are not to become requests to vendors.
    refuseEarly: true,
    snp: snpExpectations(manifest),
    tdx: tdxExpectations(manifest),
    hostData: undefined,
  });
}
