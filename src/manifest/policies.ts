import { sha256Hex } from "../lib/digest.ts";
import { NO_UNKNOWN_FIELDS } from "../lib/go-json/go-json-codec.ts";
import type { Place, Problems } from "../lib/problems.ts";
import type { Manifest, PolicyEntry } from "./schema.ts";

/** A workload that carries a policy, as far as the manifest cares. */
export interface WorkloadPolicy {
  /** Hash of the policy text, 64 lower-case hexadecimal digits. */
  readonly hash: string;
  readonly name: string;
  /** As written; the cluster puts an object without one into `default` or the namespace of the call. */
  readonly namespace: string | undefined;
  /** API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** `coordinator`, or empty for every other workload. */
  readonly role: "" | "coordinator";
  /** Where the workload stands in the input. */
  readonly place: Place;
}

/** The manifest key of a policy: SHA-256 over the bytes of its text. */
export function policyHash(policyText: string | Uint8Array): string {
  return sha256Hex(policyText);
}

/** The default name of a workload's secret: `<group>/<version>/<Kind>/<namespace>/<name>`. */
export function workloadSecretId(workload: WorkloadPolicy): string {
  const { group, version, kind, namespace, name } = workload;
  return `${group || "core"}/${version}/${kind}/${namespace || "default"}/${name}`;
}

/**
 * Makes the manifest's policies.
 *
 * Workloads with the same policy share one entry: the guest cannot tell them apart. Version 1.4 ignores all but the
 * first and lets `set` fail later; here names are united, and a warning says what that means.
 *
 * @param problems receives `manifest/policy-collision` and the warning `manifest/policy-shared`
 * @see edgelesssys/contrast `cli/cmd/policies.go`
 */
export function policiesMap(
  workloads: readonly WorkloadPolicy[],
  problems: Problems,
): ReadonlyMap<string, PolicyEntry> {
  const policies = new Map<string, PolicyEntry & { readonly sans: readonly string[] }>();
  for (const workload of workloads) {
    const { hash, name, place } = workload;
    const existing = policies.get(hash);
    if (existing === undefined) {
      const sans = [name, "*"];
      policies.set(hash, { sans, workloadSecretId: workloadSecretId(workload), role: "", unknown: NO_UNKNOWN_FIELDS });
    } else if (existing.sans.includes(name)) {
      const message = `policy hash collision: another workload "${name}" has the same policy hash ${hash}`;
      problems.error({ ...place, code: "manifest/policy-collision", message });
    } else {
      const others = existing.sans.filter((san) => san !== "*").map((san) => `"${san}"`);
      problems.warn({
        ...place,
        code: "manifest/policy-shared",
        message: `"${name}" has the same policy as ${others.join(", ")}: they share one identity and the workload secret "${existing.workloadSecretId}"`,
        hint: "Make the workloads differ, for instance by an environment variable, if they must not share secrets.",
      });
      policies.set(hash, { ...existing, sans: [...existing.sans, name] });
    }
  }
  return policies;
}

const GENERATE_HINT = "Run generate again and pass the same paths.";

/**
 * Checks before `set` that the deployment and the manifest name the same policies. Hashes are compared as bytes.
 *
 * @param problems receives `manifest/policy-count` and `manifest/policy-missing`
 * @see edgelesssys/contrast `cli/cmd/policies.go`; distinct hashes are counted, since workloads may share a policy
 */
export function compareDeployment(manifest: Manifest, workloads: readonly WorkloadPolicy[], problems: Problems): void {
  const known = new Set([...manifest.policies.keys()].map((hash) => hash.toLowerCase()));
  const deployed = new Set(workloads.map(({ hash }) => hash.toLowerCase()));
  if (deployed.size !== known.size) {
    const message = `policy count mismatch: ${deployed.size} policies in deployment, but ${known.size} in manifest`;
    problems.error({ code: "manifest/policy-count", message, hint: GENERATE_HINT });
  }
  for (const { hash, name, place } of workloads) {
    if (known.has(hash.toLowerCase())) continue;
    const message = `policy ${name} not found in manifest`;
    problems.error({ ...place, code: "manifest/policy-missing", message, hint: GENERATE_HINT });
  }
}
