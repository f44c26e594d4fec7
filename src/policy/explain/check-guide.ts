import type { Path } from "../../kubernetes/path.ts";

/** Who has a say in what a check looks at. */
export type Origin =
  /** The YAML of the workload. */
  | "workload"
  /** The node: kubelet, containerd, the Kata runtime and its configuration. */
  | "runtime"
  /** The settings file that the policy was made with. */
  | "settings"
  /** Earlier requests of the same sandbox. */
  | "history";

/** What people need to know about a check of the rules. */
export interface CheckGuide {
  /** What the check is about, for a heading. */
  readonly title: string;
  readonly origin: Origin;
  /** Members of the request that the check reads; the first is what it is about. */
  readonly reads: readonly Path[];
  /** Field of a container in YAML, or of the pod where it begins with `spec.` or `metadata.`. */
  readonly field?: string;
  /** Member of the settings that governs it. */
  readonly setting?: string;
  /** What to do, one sentence. */
  readonly remedy: string;
}

/** Ways of settling a refusal that many checks share. */
export const REMEDIES = {
  regenerate: 'Change the YAML back, or run "contrast generate" again and set the new manifest.',
  platform: "The node asks for it, not the YAML: check that --reference-values names the platform of this cluster.",
  image:
    'The node has another image than the one that "contrast generate" read: name the image by its digest, or generate again.',
  never: "No pod can ask for this: look for what changed on the node, such as a hook or plugin of the runtime.",
  settings: 'Change the settings and run "contrast generate" again.',
  restart: "Requests of one sandbox contradict each other: delete the pod, so that it starts anew.",
} as const;
