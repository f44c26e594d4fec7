import { compareUtf8 } from "../lib/go-json/go-json-codec.ts";
import type { Problems } from "../lib/problems.ts";
import { expectedCoordinatorPolicy } from "../manifest/coordinator-policy-defaults.ts";
import { encodeManifest } from "../manifest/manifest-json.ts";
import type { OwnerKeys } from "../manifest/owner-keys.ts";
import { isPlaceholderMeasurement } from "../manifest/placeholder-measurement.ts";
import type { Platform } from "../manifest/platforms.ts";
import type { WorkloadPolicy } from "../manifest/policies.ts";
import { policiesMap } from "../manifest/policies.ts";
import type { Manifest, ReferenceValues } from "../manifest/schema.ts";
import { defaultManifest, runtimeMeasurements } from "../manifest/schema.ts";
import { validateManifest } from "../manifest/validate-manifest.ts";

/** What a run of `generate` knows when it comes to the manifest. */
export interface ManifestInput {
  /** The manifest that was there before; its reference values, keys and unknown fields survive. */
  readonly existing: Manifest | undefined;
  /** Named in messages. */
  readonly path: string;
  readonly platform: Platform;
  /** Those of the platform, for a new manifest. */
  readonly referenceValues: ReferenceValues;
  readonly workloads: readonly WorkloadPolicy[];
  readonly keys: OwnerKeys;
  readonly disableUpdates: boolean;
  /** Policy hash of the released Coordinator; that of this build for the platform when absent. */
  readonly expectedCoordinator?: string;
}

/** The new manifest and what is to be said about it. */
export interface ManifestUpdate {
  readonly manifest: Manifest;
  /** The bytes of the file. */
  readonly text: string;
  /** The line for standard output when only values of the user are missing. */
  readonly hint: string | undefined;
  /** Paths of the missing values. */
  readonly missing: readonly string[];
  /** Content of `coordinator-policy.sha256`: 64 hexadecimal digits, no newline. */
  readonly coordinatorPolicyHash: string | undefined;
}

/**
 * Makes the new manifest: policies are replaced completely, keys are united and sorted, everything else stays.
 *
 * @param problems receives errors of the policies and of the manifest, and warnings
 * @see edgelesssys/contrast `cli/cmd/generate.go`
 */
export function updateManifest(input: ManifestInput, problems: Problems): ManifestUpdate {
  const { existing, platform, workloads, keys, disableUpdates } = input;
  const base = existing ?? defaultManifest(input.referenceValues);
  const manifest: Manifest = {
    ...base,
    policies: policiesMap(workloads, problems),
    workloadOwnerKeyDigests: disableUpdates ? null : union(base.workloadOwnerKeyDigests, keys.workloadDigests),
    seedshareOwnerPubKeys: union(base.seedshareOwnerPubKeys, keys.seedshareKeys),
  };
  const { errors, missing } = validateManifest(manifest);
  for (const problem of errors) problems.error({ ...problem, file: input.path });
  warnAboutValues(manifest.referenceValues, input, problems);
  return {
    manifest,
    text: encodeManifest(manifest),
    hint: missing.length > 0 ? fillInHint(platform) : undefined,
    missing: missing.flatMap(({ path }) => (path === undefined ? [] : [path])),
    coordinatorPolicyHash: coordinatorHash(input, problems),
  };
}

function fillInHint({ display }: Platform): string {
  return `  Please fill in the reference values for ${display}; "contrast manifest observe" helps to find them`;
}

/** Both lists without duplicates, ascending; letter case of hexadecimal digits does not make a key another one. */
function union(existing: readonly string[] | null, added: readonly string[]): readonly string[] | null {
  const known = new Set((existing ?? []).map((hex) => hex.toLowerCase()));
  const fresh = [...new Set(added)].filter((hex) => !known.has(hex.toLowerCase()));
  if (existing === null && fresh.length === 0) return null;
  return [...(existing ?? []), ...fresh].toSorted(compareUtf8);
}

function warnAboutValues(values: ReferenceValues, input: ManifestInput, problems: Problems): void {
  const { platform, path: file } = input;
  if ((values[platform.tee] ?? []).length === 0) {
    problems.warn({
      code: "generate/platform-not-in-manifest",
      file,
      path: `ReferenceValues.${platform.tee}`,
      message: `the existing manifest has no ${platform.tee} entry, so it trusts no host of ${platform.display}`,
      hint: "Remove the manifest to start from the reference values of the platform.",
    });
  }
  if (hasPlaceholder(values)) {
    problems.warn({
      code: "generate/measurement-missing",
      file,
      path: `ReferenceValues.${platform.tee}`,
      message: `this build ships no launch measurement for ${platform.display}; the manifest has a placeholder that no hardware matches`,
      hint: input.existing
        ? 'Compute them with "contrast measure", whose --write puts them into the manifest, or remove it and give them with --reference-values-file.'
        : 'Compute them with "contrast measure", whose --write puts them into the manifest, or give them with --reference-values-file.',
    });
  }
}

function hasPlaceholder(values: ReferenceValues): boolean {
  const snp = (values.snp ?? []).map((entry) => entry.trustedMeasurement);
  const tdx = (values.tdx ?? []).flatMap((entry) => [entry.mrTd, ...runtimeMeasurements(entry)]);
  return [...snp, ...tdx].some(isPlaceholderMeasurement);
}

function coordinatorHash(input: ManifestInput, problems: Problems): string | undefined {
  const coordinators = input.workloads.filter(({ role }) => role === "coordinator");
  const [first] = coordinators;
  if (first === undefined) return undefined;
  const expected = input.expectedCoordinator ?? expectedCoordinatorPolicy(input.platform);
  if (expected !== undefined && expected !== first.hash) {
    const message = `Found unexpected coordinator policy: "${first.name}" has ${first.hash}, this release has ${expected}`;
    problems.warn({ ...first.place, code: "generate/coordinator-policy-unexpected", message });
  }
  for (const other of coordinators.filter(({ hash }) => hash !== first.hash)) {
    const message = `"${other.name}" is another Coordinator than "${first.name}"; coordinator-policy.sha256 names the first`;
    problems.warn({ ...other.place, code: "generate/coordinator-twice", message });
  }
  return first.hash;
}
