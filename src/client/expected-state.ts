import type { SnpExpectations } from "../attestation/snp/expectations.ts";
import type { TdxExpectations } from "../attestation/tdx/expectations.ts";
import { collectProblem } from "../lib/collect-problem.ts";
import { readBytes } from "../lib/files.ts";
import type { Logger } from "../lib/log.ts";
import type { Problems } from "../lib/problems.ts";
import { type ExpectedCoordinatorPolicy, resolveCoordinatorPolicy } from "../manifest/coordinator-policy-hash.ts";
import { snpExpectations, tdxExpectations } from "../manifest/expectations.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import type { Manifest } from "../manifest/schema.ts";
import { unjudgedReferenceValues } from "../manifest/unjudged-reference-values.ts";
import { validateManifest } from "../manifest/validate-manifest.ts";

/** What a Coordinator is expected to be. */
export interface ExpectedState {
  readonly manifestPath: string;
  /** The manifest's identity: never encoded anew. */
  readonly manifestBytes: Uint8Array;
  readonly manifest: Manifest;
  readonly policy: ExpectedCoordinatorPolicy;
  /** What the manifest demands of guests. */
  readonly references: { readonly snp: readonly SnpExpectations[]; readonly tdx: readonly TdxExpectations[] };
}

/** Where expectations come from. */
export interface ExpectedStateSources {
  readonly manifestPath: string;
  /** Value of `--coordinator-policy-hash`, if given. */
  readonly policyFlag: string | undefined;
  /** `coordinator-policy.sha256` of the workspace. */
  readonly policyPath: string;
  readonly log: Logger;
}

/** What a Coordinator accepts in one message. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/**
 * Reads and validates the manifest, and decides which policy the Coordinator must have.
 *
 * @param problems receives everything that is wrong
 * @returns undefined after problems
 */
export async function readExpectedState(
  { manifestPath, policyFlag, policyPath, log }: ExpectedStateSources,
  problems: Problems,
): Promise<ExpectedState | undefined> {
  const errorsBefore = problems.errors.length;
  const place = { file: manifestPath };
  const read = await collectProblem(
    problems,
    async () => {
      const bytes = await readBytes(manifestPath, "manifest", MAX_MANIFEST_BYTES);
      return { bytes, manifest: parseManifest(bytes, `manifest "${manifestPath}"`) };
    },
    place,
  );
  if (read === undefined) return undefined;
  const { bytes: manifestBytes, manifest } = read;
  const { errors, missing } = validateManifest(manifest);
  for (const finding of [...errors, ...missing]) problems.error({ ...place, ...finding });
  for (const path of unjudgedReferenceValues(manifest)) {
    log.warn("this version does not check a reference value of the manifest", { path });
  }
  const policy = await collectProblem(problems, () =>
    resolveCoordinatorPolicy({ flag: policyFlag, manifest, workspacePath: policyPath, log }),
  );
  if (policy === undefined || problems.errors.length > errorsBefore) return undefined;
  const references = await collectProblem(
    problems,
    () => ({ snp: snpExpectations(manifest), tdx: tdxExpectations(manifest) }),
    place,
  );
  return references && { manifestPath, manifestBytes, manifest, policy, references };
}
