import type { AtlsAdmission } from "../attestation/atls/serve/serve-options.ts";
import { createEvidenceValidator, type EvidenceValidatorOptions } from "../attestation/evidence-validator.ts";
import { summarizeRefusal } from "../attestation/summarize-refusal.ts";
import type { EvidenceValidator } from "../attestation/validator.ts";
import { groupOutcome } from "../attestation/verdict.ts";
import type { Logger } from "../lib/log.ts";
import { snpExpectations, tdxExpectations } from "../manifest/expectations.ts";
import type { Authority } from "./authority.ts";
import type { Snapshot } from "./snapshot.ts";

/** What workloads are judged with, beside the manifest. */
export interface MeshAdmissionOptions extends Pick<EvidenceValidatorOptions, "at" | "roots" | "gather"> {
  readonly authority: Pick<Authority, "current">;
  /** Told of every verdict. */
  readonly validatorLog?: Logger | undefined;
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

function validatorOf(
  { manifest }: Snapshot,
  { validatorLog: log, ...means }: Omit<MeshAdmissionOptions, "authority">,
): EvidenceValidator {
  const validate = createEvidenceValidator({
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
  if (log === undefined) return validate;
  return async (presented, ...request) => {
    const verdict = await validate(presented, ...request);
    const { outcome, alternatives = [] } = verdict;
    const fitting = alternatives.find((group) => groupOutcome(group) === "passed")?.name;
    const reason = outcome === "accepted" ? undefined : summarizeRefusal(verdict);
    log.info("judged evidence", { oid: presented.oid, outcome, referenceValues: fitting, reason });
    return verdict;
  };
}
