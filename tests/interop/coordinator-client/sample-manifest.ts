import type { SimulatedWorld } from "./simulated-world.ts";
import { COORDINATOR_POLICY, hashOf } from "./simulated-world.ts";
import type { Request } from "./go-client.ts";

/** Policies of the workloads of tests. */
export const WEB_POLICY = "package agent_policy\n# web\n";
export const DATABASE_POLICY = "package agent_policy\n# database\n";

/** Members of a manifest that tests change. */
export interface SampleManifest {
  Policies: Record<string, { SANs: string[]; WorkloadSecretID?: string; Role?: string }>;
  ReferenceValues: unknown;
  WorkloadOwnerKeyDigests: string[];
  SeedshareOwnerPubKeys: string[];
}

/** Who may update and recover. */
export interface Owners {
  readonly digests: readonly string[];
  readonly seedShareKeys: readonly string[];
}

/** A manifest for a Coordinator and two workloads on the machine of a world. */
export function sampleManifest({ machine }: SimulatedWorld, { digests, seedShareKeys }: Owners): SampleManifest {
  return {
    Policies: {
      [hashOf(COORDINATOR_POLICY)]: { SANs: ["coordinator", "*"], Role: "coordinator" },
      [hashOf(WEB_POLICY)]: {
        SANs: ["web", "web.default", "192.0.2.1"],
        WorkloadSecretID: "apps/v1/Deployment/default/web",
      },
      [hashOf(DATABASE_POLICY)]: { SANs: ["database"] },
    },
    ReferenceValues: machine.referenceValues(),
    WorkloadOwnerKeyDigests: [...digests],
    SeedshareOwnerPubKeys: [...seedShareKeys],
  };
}

/** The request that sets a manifest with all policies of the sample. */
export function setRequest(manifest: SampleManifest | string): Request {
  const text = typeof manifest === "string" ? manifest : JSON.stringify(manifest);
  return {
    manifest: Buffer.from(text).toString("base64"),
    policies: [COORDINATOR_POLICY, WEB_POLICY, DATABASE_POLICY].map((policy) => btoa(policy)),
  };
}
