import { requireSameSeedShareOwners } from "../../coordinator/owner-checks.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { fileFacts } from "../../lib/file-facts.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import type { Examination } from "../examination.ts";
import type { OwnManifest } from "./check-manifest.ts";
import { type SavedCertificates, VERIFY_IS_OLD } from "./check-saved-certificates.ts";
import type { ManifestInForce } from "./check-saved-history.ts";

/** Compares the manifest with the one that was in force last, byte for byte, as `verify` does. */
export async function checkInForce(
  own: OwnManifest,
  inForce: ManifestInForce,
  { ofSet, isVerifyCurrent }: SavedCertificates,
  examination: Examination,
): Promise<void> {
  const check = "saved.in-force";
  if (isVerifyCurrent) {
    await checkSeedShareOwners(own, inForce, examination);
    checkWorkloadSecrets(own, inForce, examination);
  } else examination.leaveAll(["saved.seedshare-owners", "saved.workload-secrets"], VERIFY_IS_OLD);
  if (!sameBytes(own.bytes, inForce.bytes)) {
    const changedAt = (await fileFacts(own.path))?.modifiedAt ?? new Date(0);
    if (!isVerifyCurrent && changedAt <= (ofSet?.savedAt ?? changedAt)) {
      examination.leave(check, VERIFY_IS_OLD);
      return;
    }
    examination.warn(check, {
      file: own.path,
      code: "client/manifest-differs",
      message: `it is not the manifest that was in force when verify ran last (${inForce.path}): verify refuses until it is set`,
      actual: sha256Hex(own.bytes),
      expected: sha256Hex(inForce.bytes),
      hint: `See how they differ with "contrast manifest diff ${inForce.path} ${own.path}"; then set this one, or copy that one over it. Formatting counts.`,
    });
  }
  examination.conclude(check, `it is ${inForce.path}`);
}

/** The Coordinator's own check, which it makes before every change. */
async function checkSeedShareOwners(
  { path, manifest }: OwnManifest,
  inForce: ManifestInForce,
  examination: Examination,
): Promise<void> {
  const check = "saved.seedshare-owners";
  await examination.attempt(check, () => requireSameSeedShareOwners(inForce.manifest, manifest), {
    file: path,
    path: "SeedshareOwnerPubKeys",
    hint: `Copy SeedshareOwnerPubKeys from ${inForce.path}, in its order. For other owners the Coordinator must be deployed anew.`,
  });
  examination.conclude(check, "it does");
}

/** Secrets derive from their names alone: under another name the same workload gets another secret. */
function checkWorkloadSecrets(
  { path, manifest }: OwnManifest,
  inForce: ManifestInForce,
  examination: Examination,
): void {
  const check = "saved.workload-secrets";
  const entries = [...manifest.policies];
  const kept = new Set(entries.map(([, { workloadSecretId }]) => workloadSecretId));
  for (const { sans, workloadSecretId: old } of inForce.manifest.policies.values()) {
    if (old === "" || kept.has(old)) continue;
    const names = (sans ?? []).filter((san) => san !== "*");
    const found = entries.find(([, entry]) => entry.sans?.some((san) => names.includes(san)));
    if (found === undefined) continue;
    const [hash, now] = found;
    examination.warn(check, {
      file: path,
      path: `Policies[${JSON.stringify(hash)}].WorkloadSecretID`,
      message: `${names.join(", ")} would get another secret: volumes that are encrypted with the old one cannot be opened`,
      actual: now.workloadSecretId || "none",
      expected: old,
      hint: "Write the old WorkloadSecretID into the manifest after generate, unless the data may be lost; kind, namespace and name of the workload make it.",
    });
  }
  examination.conclude(check, "each keeps its own");
}
