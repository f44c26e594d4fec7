import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

/** Workloads and manifest that do not belong together. */
const YAML_CHANGED: ErrorExplanation = {
  causes: [
    "The YAML was changed after generate, so that the policies of its workloads are not those of the manifest.",
    "Other paths were given than to generate.",
  ],
  actions: ["Run generate again.", "Give the same paths to set as to generate."],
};

/** By code: what is known about deployments that are not as set, verify and recover expect them. */
export const DEPLOYMENT_EXPLANATIONS = {
  "manifest/policy-count": YAML_CHANGED,
  "manifest/policy-missing": YAML_CHANGED,
  "client/deployment-differs": YAML_CHANGED,
  "manifest/value-missing": {
    causes: [
      "Generate cannot know the firmware of the machines, so it leaves their minimum versions empty.",
      "This build has no guest images, so generate wrote placeholders for their measurements.",
    ],
    actions: [
      "Fill in what the operator of the hardware names.",
      "Or see what the machine states with contrast manifest observe, and fill it in with --write.",
      "Compute the measurements with contrast measure snp or tdx from firmware, kernel and command line, and put them into the manifest with --write.",
      "Or give those of a release to generate with --reference-values-file; for a sandbox, contrast sandbox reference-values prints them.",
    ],
  },
  "client/manifest-differs": {
    causes: [
      "Another manifest was set since, by somebody with a workload owner key.",
      "The file was formatted anew: manifests are compared byte for byte.",
    ],
    actions: [
      "See what differs with contrast manifest diff; verify leaves the active manifest in verify/.",
      "Send no data to the deployment until the difference is explained.",
    ],
  },
  "client/transition-stale": {
    causes: [
      "Somebody with a workload owner key set another manifest since you last ran verify.",
      "You set one yourself, and did not run verify after it.",
    ],
    actions: [
      "Run contrast verify with the manifest that should be in force.",
      "See what differs with contrast manifest diff; if the change is fine, set your manifest on top of it.",
    ],
  },
  "client/atomic-unsupported": {
    causes: ["The Coordinator is of Contrast 1.4, which cannot compare its state with what a client expects."],
    actions: ["Set the manifest without --atomic, and make sure that nobody else sets one at the same time."],
  },
  "coordinator/history-rolled-back": {
    causes: [
      "The volume of a running Coordinator was replaced by an older copy of it.",
      "The state directory was deleted and another Coordinator set a manifest in it.",
    ],
    actions: [
      "Put the newest copy of the state directory back.",
      "If the older state is wanted, restart the Coordinator and recover it; data owners see that with contrast verify.",
    ],
  },
  "client/history-empty": {
    causes: ["No manifest was set at the Coordinator yet.", "This is another Coordinator than the one that was set."],
    actions: ["Set the manifest with contrast set.", "Check the address."],
  },
  "client/owner-key-missing": {
    causes: ["The command generate ran in another directory, or the key was moved to a safe place."],
    actions: ["Name the file with --seedshare-owner-key."],
  },
  "client/seed-shares-lost": {
    causes: ["The connection or the Coordinator ended between the change and its answer, which alone has the shares."],
    actions: [
      "Delete the volume of the Coordinator, restart it, and set the manifest again before workloads store anything.",
      "Otherwise the deployment works until the next restart of its Coordinator, and cannot be recovered then.",
    ],
  },
  "client/seed-shares-unsaved": {
    causes: ["The directory is full or cannot be written."],
    actions: [
      "Copy the file that the message names to a safe place now; the Coordinator does not give the shares again.",
    ],
  },
  "client/transition-invalid": {
    causes: ["The file verify/latest-transition was changed by hand, or cut off."],
    actions: ["Run contrast verify, which writes it anew, or give --latest-transition HEX."],
  },
  "client/seed-share-missing": {
    causes: [
      "The key is not that of a seed share owner of this deployment.",
      "The seed shares are those of another Coordinator.",
    ],
    actions: ["Give the right key with --seedshare-owner-key, or the right file with --seed."],
  },
  "client/seed-share-undecryptable": {
    causes: ["The file with the seed shares was changed or damaged."],
    actions: ["Take it from a backup; a seed-shares.json.bak beside it is of an earlier Coordinator."],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
