import type { SnpExpectations } from "../attestation/snp/expectations.ts";
import type { TdxExpectations } from "../attestation/tdx/expectations.ts";
import { collectProblem } from "../lib/collect-problem.ts";
import { readBytes } from "../lib/files.ts";
import type { Logger } from "../lib/log.ts";
import type { Problems } from "../lib/problems.ts";
import { type ExpectedCoordinatorPolicy, resolveCoordinatorPolicy } from "../manifest/coordinator-policy-hash.ts";
import { snpExpectations, tdxExpectations } from "../manifest/expectations.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import { defaultManifest, type Manifest } from "../manifest/schema.ts";
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

const MANIFEST_HINT = "Give the manifest that generate wrote, with --manifest.";

/** As much of the expectations as could be read. */
export interface ReadExpectations {
  /** Undefined after problems. */
  readonly state: ExpectedState | undefined;
  /** Also there when something is wrong with it, so that more problems can be found. */
  readonly manifest: Manifest | undefined;
}

/**
 * Reads and validates the manifest, and decides which policy the Coordinator must have.
 *
 * @param problems receives everything that is wrong
 */
export async function readExpectedState(
  { manifestPath, policyFlag, policyPath, log }: ExpectedStateSources,
  problems: Problems,
): Promise<ReadExpectations> {
  const errorsBefore = problems.errors.length;
  const place = { file: manifestPath };
  const read = await collectProblem(problems, () => readManifestFile(manifestPath), { ...place, hint: MANIFEST_HINT });
  const manifest = read?.manifest;
  if (manifest !== undefined) {
    const { errors, missing } = validateManifest(manifest);
    for (const finding of [...errors, ...missing]) problems.error({ ...place, ...finding });
    for (const path of unjudgedReferenceValues(manifest)) {
      log.warn("this version does not check a reference value of the manifest", { path });
    }
  }
  // Without a manifest only the flag can be wrong.
  const policySources = { flag: policyFlag, manifest: manifest ?? NO_MANIFEST, workspacePath: policyPath, log };
  const hasPolicy = manifest !== undefined || policyFlag !== undefined;
  const policy = hasPolicy ? await collectProblem(problems, () => resolveCoordinatorPolicy(policySources)) : undefined;
  if (read === undefined || policy === undefined || problems.errors.length > errorsBefore) {
    return { state: undefined, manifest };
  }
  const references = await collectProblem(problems, () => referencesOf(read.manifest), place);
  return { state: references && { ...read, manifestPath, policy, references }, manifest };
}

const NO_MANIFEST = defaultManifest({ snp: null, tdx: null, unknown: new Map() });

/**
 * Reads a manifest; nothing but its form is checked.
 *
 * @throws ContrastError `lib/file-unreadable`, `lib/file-too-large`, and the codes of `parseManifest`
 */
export async function readManifestFile(path: string): Promise<Pick<ExpectedState, "manifestBytes" | "manifest">> {
  const manifestBytes = await readBytes(path, "manifest", MAX_MANIFEST_BYTES);
  return { manifestBytes, manifest: parseManifest(manifestBytes, `manifest "${path}"`) };
}

function referencesOf(manifest: Manifest): ExpectedState["references"] {
  return { snp: snpExpectations(manifest), tdx: tdxExpectations(manifest) };
}
