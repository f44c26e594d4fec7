import { dirname } from "node:path";
import { MAX_YAML_BYTES, STANDARD_INPUT } from "../../kubernetes/input-set.ts";
import { ContrastError } from "../../lib/errors.ts";
import { kindOfPath } from "../../lib/files.ts";
import type { Logger } from "../../lib/log.ts";
import { Problems } from "../../lib/problems.ts";
import type { FoundPolicy, PolicyText } from "../found-policy.ts";
import { type FoundManifest, readManifestPolicies } from "./manifest-policies.ts";
import { findManifestsBeside, findPolicyFiles } from "./policy-files.ts";
import { policiesInBytes, policiesInFile } from "./policies-in-file.ts";

export type { FoundPolicy } from "../found-policy.ts";

/** What finding policies needs of its surroundings. */
export interface FindServices {
  /** Reads standard input to its end; refuses more than `maxBytes`. */
  readonly readInput: (maxBytes: number) => Promise<Uint8Array>;
  readonly log: Logger;
}

/** Manifests that do not lie beside the policies. */
export interface ManifestChoice {
  /** Asked in place of those that lie beside the policies. */
  readonly named?: string | undefined;
  /** Asked where none lies beside the policies, if there is such a file. */
  readonly usual?: string | undefined;
}

/**
 * Finds all policies under the given paths: YAML with annotated workloads, in either form of annotation; directories with
 * such YAML, with manifests, or with what `verify` wrote; a bare policy text, its base64, or the document of later
 * versions; `-` for any of them on standard input. Each policy is looked up in the manifests that lie beside it, unless
 * another one is chosen.
 *
 * @returns at least one policy; workloads in the order of the input, then texts whose workload is not in it
 * @throws ContrastError `policy/none-found`, `policy/standard-input-alone`, and everything that is wrong with the input
 *   at once: `rego/policy-too-large`, `policy/carrier-invalid`, `policy/hash-mismatch`, `policy/manifest-invalid`, the codes
 *   of reading files and YAML
 */
export async function findPolicies(
  paths: readonly string[],
  services: FindServices,
  choice: ManifestChoice = {},
): Promise<readonly [FoundPolicy, ...FoundPolicy[]]> {
  if (paths.includes(STANDARD_INPUT) && paths.length > 1) {
    throw new ContrastError(
      "policy/standard-input-alone",
      `Cannot read "-" together with other paths: got ${paths.length} paths`,
      { hint: "Join the files in front of the pipe, or leave the - out." },
    );
  }
  const problems = new Problems();
  const found: PolicyText[] = [];
  const manifests = new Set<string>();
  for (const path of paths) {
    if (path === STANDARD_INPUT) {
      found.push(...(await policiesInBytes(await services.readInput(MAX_YAML_BYTES), path, problems)));
      continue;
    }
    const files = await findPolicyFiles(path, problems);
    for (const file of files.policies) found.push(...(await policiesInFile(file, problems)));
    for (const manifest of files.manifests) manifests.add(manifest);
    if (!files.isDirectory) for (const manifest of await findManifestsBeside(dirname(path))) manifests.add(manifest);
  }
  const trusted = await readManifestPolicies(await chosenManifests([...manifests], choice), problems);
  problems.throwIfAny("Cannot find policies");
  for (const warning of problems.warnings) {
    services.log.warn("ignored while looking for policies", { file: warning.file, reason: warning.message });
  }
  const [first, ...rest] = distinct(found).map((policy) => withManifests(policy, trusted));
  if (first === undefined) throw noPolicies(paths);
  return [first, ...rest];
}

async function chosenManifests(
  beside: readonly string[],
  { named, usual }: ManifestChoice,
): Promise<readonly string[]> {
  if (named !== undefined) return [named];
  if (beside.length > 0 || usual === undefined) return beside;
  return (await kindOfPath(usual)) === "nothing" ? [] : [usual];
}

/** A file of a policy that a workload of the input has says nothing more; neither does a second file of it. */
function distinct(found: readonly PolicyText[]): readonly PolicyText[] {
  const seen = new Set(found.filter(({ object }) => object !== undefined).map(({ hashHex }) => hashHex));
  const workloads = found.filter(({ object }) => object !== undefined);
  const texts = found.filter(({ object, hashHex }) => {
    if (object !== undefined || seen.has(hashHex)) return false;
    seen.add(hashHex);
    return true;
  });
  return [...workloads, ...texts];
}

/** A secret of the form that `generate` gives it names kind, namespace and name of the workload. */
const WORKLOAD_SECRET = /^[^/]+\/[^/]+\/([A-Z][A-Za-z]*)\/([^/]+)\/([^/]+)$/;

function withManifests(policy: PolicyText, manifests: readonly FoundManifest[]): FoundPolicy {
  const manifestEntries = manifests.flatMap(({ file, policies }) => {
    const entry = policies.get(policy.hashHex);
    return entry === undefined ? [] : [{ file, ...entry }];
  });
  const named = { ...policy, manifests: manifests.map(({ file }) => file), manifestEntries };
  const last = manifestEntries.at(-1);
  if (policy.object !== undefined || last === undefined) return named;
  const [, kind, namespace = "", name] = WORKLOAD_SECRET.exec(last.workloadSecretId) ?? [];
  const san = last.sans.find((candidate) => candidate !== "*");
  if (kind !== undefined) return { ...named, label: `${kind} ${name}`, namespace };
  return san === undefined ? named : { ...named, label: san };
}

function noPolicies(paths: readonly string[]): ContrastError {
  return new ContrastError(
    "policy/none-found",
    `Cannot find policies under ${paths.map((path) => `"${path}"`).join(", ")}`,
    {
      hint: 'Run "contrast generate" on the YAML first, or name a directory that "contrast verify" wrote, or a policy file.',
    },
  );
}
