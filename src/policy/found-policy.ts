import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Place } from "../lib/problems.ts";

/** What one manifest says about a policy. */
export interface ManifestEntry {
  /** The manifest's file. */
  readonly file: string;
  /** Names that the workload's certificate gets; the first is the workload's own. */
  readonly sans: readonly string[];
  /** Empty where the manifest names none. */
  readonly workloadSecretId: string;
  /** Empty for ordinary workloads. */
  readonly role: string;
}

/** In which form the guest gets a policy: as its text, or inside the document of later versions. */
export type PolicyCarrier = "text" | "initdata";

/** A policy text with everything that its surroundings say about it. */
export interface FoundPolicy {
  /** Kind and name such as `Deployment web`; the manifest's name, or the beginning of the hash, where there is no object. */
  readonly label: string;
  /** Empty where nothing names one. */
  readonly namespace: string;
  /** As given or found; `standard input` for `-`. */
  readonly file: string;
  /** Where the policy stands. */
  readonly place: Place;
  readonly carrier: PolicyCarrier;
  /** Exactly as the guest loads it. */
  readonly text: string;
  /**
   * The key of manifests, 64 lower-case hexadecimal digits: SHA-256 of the text's bytes; for `initdata` the digest of the
   * document around it.
   */
  readonly hashHex: string;
  /** The workload; undefined for a bare text. */
  readonly object: KubernetesObject | undefined;
  /** Manifests that lie beside the policy, in the order of their names; the last of a history is the active one. */
  readonly manifests: readonly string[];
  /** What those manifests say about this policy; empty while there are manifests means that none of them trusts it. */
  readonly manifestEntries: readonly ManifestEntry[];
}

/** A policy before anything is known of manifests. */
export type PolicyText = Pick<
  FoundPolicy,
  "label" | "namespace" | "file" | "place" | "carrier" | "text" | "hashHex" | "object"
>;
