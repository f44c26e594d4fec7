import type { Place } from "../../lib/problems.ts";
import type { ManifestEntry, PolicyCarrier } from "../found-policy.ts";

/** Where something that a policy allows comes from. */
export interface Origin {
  /**
   * `yaml`: a field of the pod; `image`: the image's configuration; `runtime`: what containerd or the kubelet always do;
   * `settings`: the settings of `generate`; `contrast`: what `generate` injects; `unknown`: the policy alone does not say.
   */
  readonly source: "yaml" | "image" | "runtime" | "settings" | "contrast" | "unknown";
  /** The field, member or habit, such as `env[2].valueFrom`. */
  readonly detail: string;
  /** The place in the YAML, where there is one. */
  readonly place?: Place;
}

/** How much room a policy leaves: this value only, values of a form, or whatever the host sends. */
export type Room = "fixed" | "pattern" | "any";

/** One thing that a policy allows. */
export interface Row {
  /** What it is about: the name of a variable, the destination of a mount; may be empty. */
  readonly subject: string;
  /** As the policy writes it. */
  readonly value: string;
  readonly room: Room;
  /** In words, where the value does not speak for itself. */
  readonly note?: string;
  readonly origin: Origin;
  /** Set where every pod of the shipped settings has exactly this. */
  readonly routine?: true;
}

/** Rows of one subject. */
export interface Section {
  /** Word for anchors and programs, such as `environment`. */
  readonly id: string;
  readonly title: string;
  /** What holds for all rows, or that there are none. */
  readonly note?: string;
  readonly rows: readonly Row[];
}

/** What a container is to its pod. */
export type ContainerRole = "sandbox" | "init" | "sidecar" | "container" | "unknown";

/** What one container may be. */
export interface ContainerDescription {
  readonly name: string;
  readonly role: ContainerRole;
  /** Whether `generate` added it to the pod. */
  readonly injected: boolean;
  readonly place: Place | undefined;
  readonly sections: readonly Section[];
}

/** How bad it is to rely on something that a policy does not protect. */
export type Weight = "high" | "medium" | "note";

/** Something that the policy of this pod does not protect. */
export interface Gap {
  /** Stable word, such as `logs-visible`. */
  readonly id: string;
  readonly weight: Weight;
  /** One sentence without period. */
  readonly title: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do about it. */
  readonly action: string;
  /** What of this pod is concerned, such as `web: /etc/app`. */
  readonly concerns: readonly string[];
}

/** What is known of the rules that the data are for. */
export interface RulesDescription {
  /** Whether they are, byte for byte, those of this program. */
  readonly embedded: boolean;
  /** SHA-256 of their text. */
  readonly digestHex: string;
  readonly lines: number;
}

/** One policy in words. */
export interface PolicyDescription {
  readonly label: string;
  readonly namespace: string;
  readonly file: string;
  readonly place: Place;
  readonly carrier: PolicyCarrier;
  readonly hashHex: string;
  readonly sizeBytes: number;
  readonly rules: RulesDescription;
  /** The shipped settings that the data are nearest to, and how many settings differ from them. */
  readonly settings: { readonly profile: string; readonly changes: number } | undefined;
  /** `absent`: no manifest lies beside the policy; `missing`: there is one, but it does not trust the policy. */
  readonly trust: "trusted" | "missing" | "absent";
  readonly manifests: readonly string[];
  readonly manifestEntries: readonly ManifestEntry[];
  readonly gaps: readonly Gap[];
  /** What holds for the whole pod. */
  readonly pod: readonly Section[];
  readonly containers: readonly ContainerDescription[];
  /** Paths in the policy data that have no known form and are therefore not shown. */
  readonly faults: readonly string[];
}
