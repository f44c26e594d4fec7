import { ContrastError } from "../../lib/errors.ts";
import { checkManifest as requireAcceptable } from "../../coordinator/check-manifest.ts";
import { MAX_MANIFEST_BYTES, MAX_POLICIES } from "../../coordinator/request-limits.ts";
import { requestSizeOf } from "../../client/request-size.ts";
import { readManifestFile } from "../../client/expected-state.ts";
import { judgeRequestSize } from "../../manifest/judge-request-size.ts";
import { snpExpectations, tdxExpectations } from "../../manifest/expectations.ts";
import type { Platform } from "../../manifest/platforms.ts";
import { compareDeployment } from "../../manifest/policies.ts";
import type { Manifest } from "../../manifest/schema.ts";
import { unjudgedReferenceValues } from "../../manifest/unjudged-reference-values.ts";
import { validateManifest } from "../../manifest/validate-manifest.ts";
import { Problems, ProblemsError } from "../../lib/problems.ts";
import type { ExaminedWorkload } from "../deployment.ts";
import { type Examination, findingOf } from "../examination.ts";

const VALUE_HINT = "Correct the value, or move the manifest away and run generate for one that is well-formed.";
const NAMES_HINT = "Correct the entry in the manifest; generate writes the entries of policies anew.";
const MANIFEST_HINT = 'Give the manifest that generate wrote with --manifest, or run "contrast generate".';

/** A manifest with its bytes, which are its identity. */
export interface OwnManifest {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

/** Reads the manifest and looks at what `set` and `verify` would say of it. */
export async function checkManifest(path: string, examination: Examination): Promise<OwnManifest | undefined> {
  const read = await examination.attempt("manifest.readable", () => readManifestFile(path), {
    file: path,
    hint: MANIFEST_HINT,
  });
  if (read === undefined) return undefined;
  const { manifest, manifestBytes: bytes } = read;
  examination.conclude("manifest.readable", `${manifest.policies.size} policies`);
  const { errors, missing } = validateManifest(manifest);
  for (const problem of errors) {
    examination.error("manifest.valid", { ...findingOf(problem), file: path, hint: problem.hint ?? VALUE_HINT });
  }
  for (const problem of missing) examination.error("manifest.complete", { ...findingOf(problem), file: path });
  if (errors.length + missing.length === 0) {
    await examination.attempt("manifest.valid", () => [snpExpectations(manifest), tdxExpectations(manifest)], {
      file: path,
      hint: VALUE_HINT,
    });
  }
  examination.conclude("manifest.valid", "nothing is wrong with its form");
  examination.conclude("manifest.complete", "all reference values are there");
  for (const member of unjudgedReferenceValues(manifest)) {
    examination.warn("manifest.judged", {
      file: path,
      path: member,
      message: "this version does not know the value and does not check it",
      hint: "Verify with the version that wrote it, or delete the member if nobody relies on it.",
    });
  }
  examination.conclude("manifest.judged", "every member is known");
  checkOwners(path, manifest, examination);
  return { path, bytes, manifest };
}

function checkOwners(file: string, manifest: Manifest, examination: Examination): void {
  const check = "manifest.owners";
  if ((manifest.workloadOwnerKeyDigests ?? []).length === 0) {
    examination.warn(check, {
      file,
      path: "WorkloadOwnerKeyDigests",
      message: "nobody may change the deployment once this manifest is set",
      hint: "If that is not wanted, run generate without --disable-updates before set.",
    });
  }
  if ((manifest.seedshareOwnerPubKeys ?? []).length === 0) {
    examination.warn(check, {
      file,
      path: "SeedshareOwnerPubKeys",
      message: "nobody can recover the Coordinator after a restart; it would have to start empty",
      hint: "Run generate with --add-seedshare-owner-key before the first set.",
    });
  }
  const count = (keys: readonly string[] | null): number => keys?.length ?? 0;
  examination.conclude(
    check,
    `${count(manifest.workloadOwnerKeyDigests)} workload owners, ${count(manifest.seedshareOwnerPubKeys)} seed share owners`,
  );
}

/** Compares the policies of YAML and manifest in both directions, as `set` does before it sends anything. */
export function checkDeployedPolicies(
  { path, manifest }: OwnManifest,
  workloads: readonly ExaminedWorkload[],
  examination: Examination,
): void {
  const check = "manifest.policies";
  const deployed = workloads.flatMap((workload) =>
    workload.deployed === undefined ? [] : [workload.deployed.workload],
  );
  const problems = new Problems();
  compareDeployment(manifest, deployed, problems);
  const hashes = new Set(deployed.map(({ hash }) => hash));
  for (const problem of problems.errors.filter(({ code }) => code === "manifest/policy-missing")) {
    examination.error(check, findingOf(problem));
  }
  for (const [hash, { sans, workloadSecretId }] of manifest.policies) {
    if (hashes.has(hash.toLowerCase())) continue;
    examination.error(check, {
      file: path,
      path: `Policies[${JSON.stringify(hash)}]`,
      code: "manifest/policy-count",
      message: `no workload of the YAML has the policy of "${workloadSecretId || (sans?.[0] ?? hash)}"`,
      hint: "Name all paths that generate had. If the workload is gone or was changed, run generate again and set.",
    });
  }
  examination.conclude(check, `both name the same ${hashes.size} policies`);
}

/**
 * Asks the Coordinator's own checks: names that no certificate could have, hashes that are there twice, sizes that it
 * does not take.
 */
export async function checkAccepted(
  { path: file, manifest, bytes }: OwnManifest,
  workloads: readonly ExaminedWorkload[],
  examination: Examination,
): Promise<void> {
  const check = "manifest.accepted";
  const policies = workloads.flatMap(({ deployed }) => deployed?.policy ?? []);
  // Which policies there are is for other checks; what validation finds is told already.
  const all = new Set([...manifest.policies.keys()].map((hash) => hash.toLowerCase()));
  try {
    requireAcceptable(manifest, all);
  } catch (error) {
    if (!(error instanceof ContrastError && error.cause instanceof ProblemsError)) throw error;
    for (const problem of error.cause.problems.filter(({ code }) => code.startsWith("coordinator/"))) {
      examination.error(check, { ...findingOf(problem), file, hint: NAMES_HINT });
    }
  }
  const sizes: [what: string, actual: number, limit: number][] = [
    ["bytes of the manifest", bytes.length, MAX_MANIFEST_BYTES],
    ["policies", policies.length, MAX_POLICIES],
  ];
  const exceeded = sizes.filter((size) => size[1] > size[2]);
  for (const [what, actual, limit] of exceeded) {
    examination.error(check, {
      file,
      message: `the Coordinator does not take as many ${what}`,
      actual: String(actual),
      expected: `at most ${limit}`,
      hint: "Split the deployment between several Coordinators.",
    });
  }
  const size = requestSizeOf(bytes, policies);
  const advice = judgeRequestSize(size);
  if (advice !== undefined && exceeded.length === 0) {
    const { message, hint, isRefused } = advice;
    const finding = { file, message, hint, actual: `${size.bytes} bytes`, expected: `at most ${advice.limitBytes}` };
    if (isRefused) examination.error(check, finding);
    else examination.warn(check, finding);
  }
  examination.conclude(check, "it would");
}

/** Looks at whether the manifest trusts the hosts that the YAML is for. */
export function checkPlatform(
  { path, manifest }: OwnManifest,
  platform: Platform | undefined,
  examination: Examination,
): void {
  const check = "manifest.platform";
  if (platform === undefined) {
    examination.skip(check, "the YAML names no platform, or several");
    return;
  }
  if ((manifest.referenceValues[platform.tee] ?? []).length === 0) {
    examination.error(check, {
      file: path,
      path: `ReferenceValues.${platform.tee}`,
      code: "generate/platform-not-in-manifest",
      message: `the YAML is for ${platform.display}, but the manifest has no ${platform.tee} entry`,
      hint: "Move the manifest away and run generate for the platform, so that it starts from its reference values.",
    });
  }
  examination.conclude(check, `it has entries for ${platform.display}`);
}
