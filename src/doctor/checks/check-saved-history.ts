import { basename, join } from "node:path";
import { LATEST_TRANSITION_FILE, readLatestTransition } from "../../client/latest-transition-file.ts";
import { hashTransition, NO_TRANSITION } from "../../coordinator/history/transition.ts";
import { counted } from "../../lib/counted.ts";
import { sha256Hex } from "../../lib/digest.ts";
import { readBytes } from "../../lib/files.ts";
import { Problems } from "../../lib/problems.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { parseManifest } from "../../manifest/manifest-json.ts";
import type { Manifest } from "../../manifest/schema.ts";
import { findPolicyFiles } from "../../policy/find/policy-files.ts";
import { policiesInFile } from "../../policy/find/policies-in-file.ts";
import type { DoctorOptions } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";

/** The manifest that was in force when `verify` ran last. */
export interface ManifestInForce {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
}

const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;
const NUMBERED = /^manifest\.(?<index>[0-9]{1,9})\.json$/;
const VERIFY_HINT = 'Run "contrast verify" with an empty or no such directory, which writes it anew.';
const CHECKS = [
  "saved.history",
  "saved.policies",
  "saved.transition",
  "saved.seedshare-owners",
  "saved.workload-secrets",
  "saved.in-force",
] as const;

/**
 * Looks at the history that `verify` wrote: its manifests, their policies, and the transition that they lead to.
 *
 * @returns undefined where there is none, or none that can be read
 */
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
