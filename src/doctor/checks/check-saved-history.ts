import { basename, join } from "node:path";
import { LATEST_TRANSITION_FILE, readLatestTransition } from "../../client/latest-transition-file.ts";
import { hashTransition, NO_TRANSITION } from "../../coordinator/history/transition.ts";
import { requireSameSeedShareOwners } from "../../coordinator/owner-checks.ts";
import { readBytes } from "../../lib/files.ts";
import { fileFacts } from "../../lib/file-facts.ts";
import { Problems } from "../../lib/problems.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { parseManifest } from "../../manifest/manifest-json.ts";
import type { Manifest } from "../../manifest/schema.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { findPolicyFiles } from "../../policy/policy-files.ts";
import { policiesInFile } from "../../policy/policies-in-file.ts";
import type { DoctorOptions } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";
import type { OwnManifest } from "./check-manifest.ts";
import type { SavedCertificates } from "./check-saved-certificates.ts";
import { counted } from "../counted.ts";

/** The manifest that was in force when `verify` ran last. */
export interface ManifestInForce {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
const NUMBERED = /^manifest\.(?<index>[0-9]{1,9})\.json$/;
const VERIFY_HINT = 'Run "contrast verify" with an empty or no such directory, which writes it anew.';
const AFTER_VERIFY = 'set ran after the last verify: run "contrast verify"';
const CHECKS = [
  "saved.history",
  "saved.policies",
  "saved.transition",
  "saved.seedshare-owners",
  "saved.workload-secrets",
  "saved.in-force",
] as const;

/** Looks at the history that `verify` wrote. */
export async function checkSavedHistory(
  { verifyDirectory }: DoctorOptions,
  examination: Examination,
): Promise<ManifestInForce | undefined> {
  const found = await findPolicyFiles(verifyDirectory, new Problems());
  const paths = found.manifests.filter(
    (path) => NUMBERED.test(basename(path)) && path === join(verifyDirectory, basename(path)),
  );
  if (paths.length === 0) {
    examination.skipAll(CHECKS, "verify has saved no history here");
    return undefined;
  }
  const history = await readManifests(paths, examination);
  examination.conclude("saved.history", counted(paths.length, "manifest"));
  if (history === undefined) {
    examination.skipAll(CHECKS.slice(1), "the history cannot be read");
    return undefined;
  }
  await checkPolicies(found.policies, history.last, examination);
  await checkTransition(verifyDirectory, history.transition, examination);
  return history.last;
}

interface SavedHistory {
  readonly last: ManifestInForce;
  /** Hash of the transition that the manifests lead to. */
  readonly transition: Uint8Array;
}

/** Reads one manifest after the other, since there may be many. */
async function readManifests(paths: readonly string[], examination: Examination): Promise<SavedHistory | undefined> {
  const check = "saved.history";
  const gap = paths.findIndex((path, index) => NUMBERED.exec(basename(path))?.groups?.["index"] !== String(index));
  if (gap !== -1) {
    examination.error(check, {
      file: paths[gap],
      message: `the history has a gap: manifest.${gap}.json is missing, or files of another deployment are among these`,
      hint: VERIFY_HINT,
    });
    return undefined;
  }
  let transition = NO_TRANSITION;
  let last: ManifestInForce | undefined;
  let unread = 0;
  for (const path of paths) {
    const read = async (): Promise<ManifestInForce> => {
      const bytes = await readBytes(path, "saved manifest", MAX_MANIFEST_BYTES);
      return { path, bytes, manifest: parseManifest(bytes, `saved manifest "${path}"`) };
    };
    last = await examination.attempt(check, read, { file: path, hint: VERIFY_HINT });
    if (last === undefined) unread += 1;
    else {
      const manifestHash = Uint8Array.fromHex(sha256Hex(last.bytes));
      transition = hashTransition({ manifestHash, previousHash: transition });
    }
  }
  return last === undefined || unread > 0 ? undefined : { last, transition };
}

async function checkPolicies(files: readonly string[], last: ManifestInForce, examination: Examination): Promise<void> {
  const check = "saved.policies";
  const hashes = new Set<string>();
  for (const file of files) {
    await examination.attempt(
      check,
      async (problems) => {
        for (const { hashHex } of await policiesInFile(file, problems)) hashes.add(hashHex);
      },
      { hint: VERIFY_HINT },
    );
  }
  const missing = [...last.manifest.policies.keys()].filter((hash) => !hashes.has(hash.toLowerCase()));
  for (const hash of missing) {
    examination.warn(check, {
      file: last.path,
      path: `Policies[${JSON.stringify(hash)}]`,
      message: "the policy of the manifest in force is not among the saved files",
      hint: VERIFY_HINT,
    });
  }
  examination.conclude(check, `${hashes.size} policies`);
}

/** The chain of transitions follows from the manifests alone. */
async function checkTransition(directory: string, expected: Uint8Array, examination: Examination): Promise<void> {
  const check = "saved.transition";
  const path = join(directory, LATEST_TRANSITION_FILE);
  const read = await examination.attempt(check, async () => ({ saved: await readLatestTransition(path) }), {
    file: path,
    hint: VERIFY_HINT,
  });
  if (read === undefined) return;
  if (read.saved === undefined) {
    examination.skip(check, "the Coordinator told none, as those of version 1.4");
    return;
  }
  if (!sameBytes(read.saved, expected)) {
    examination.error(check, {
      file: path,
      code: "client/transition-stale",
      message: "the saved manifests do not lead to it: a manifest was changed, or is of another deployment",
      actual: read.saved.toHex(),
      expected: expected.toHex(),
      hint: VERIFY_HINT,
    });
  }
  examination.conclude(check, "it does");
}

/** Compares the manifest with the one that was in force last, byte for byte, as `verify` does. */
export async function checkInForce(
  own: OwnManifest,
  inForce: ManifestInForce,
  { ofSet, isVerifyLatest }: SavedCertificates,
  examination: Examination,
): Promise<void> {
  const check = "saved.in-force";
  const isKnown = isVerifyLatest || ofSet === undefined;
  if (isKnown) {
    await checkSeedShareOwners(own, inForce, examination);
    checkWorkloadSecrets(own, inForce, examination);
  } else examination.skipAll(["saved.seedshare-owners", "saved.workload-secrets"], AFTER_VERIFY);
  if (!sameBytes(own.bytes, inForce.bytes)) {
    const changedAt = (await fileFacts(own.path))?.modifiedAt ?? new Date(0);
    if (!isKnown && changedAt <= (ofSet?.savedAt ?? changedAt)) {
      examination.skip(check, AFTER_VERIFY);
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
    const [hash, now] = entries.find(([, entry]) => entry.sans?.some((san) => names.includes(san))) ?? [];
    if (hash === undefined || now === undefined) continue;
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
