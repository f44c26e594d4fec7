import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

const OTHER_VERSION: ErrorExplanation = {
  causes: ["The server is no Coordinator, or of a version that this program does not know."],
  actions: ["Check the port: 1313 is the user API.", "Use the release of contrast that the Coordinator is of."],
};

/** By code: why a Coordinator did not do what a client asked for. */
export const CALL_EXPLANATIONS = {
  "rpc/recovery-needed": {
    causes: ["The Coordinator was restarted; its keys derive from a seed that only seed share owners have."],
    actions: [
      "Run contrast recover with seed-shares.json and a seed share owner key.",
      "Where set lost the answer to the first manifest, nobody has the seed: deploy the Coordinator with an empty volume.",
    ],
  },
  "rpc/permission-denied": {
    causes: ["The key of the caller is not one of the manifest that is active at the Coordinator."],
    actions: ["Give the right key with --workload-owner-key (set) or --seedshare-owner-key (recover)."],
  },
  "rpc/no-manifest": {
    causes: ["The Coordinator was just deployed, or has lost its storage."],
    actions: ["Run contrast set first."],
  },
  "rpc/already-recovered": {
    causes: ["Somebody else has recovered the Coordinator, or it was never restarted."],
    actions: ["Run contrast verify to see its state."],
  },
  "rpc/nothing-to-recover": {
    causes: ["The Coordinator is new, or has lost its storage.", "The address is that of another Coordinator."],
    actions: ["Check the address.", "If the storage is lost, run contrast set, which makes new seed shares."],
  },
  "rpc/changed-concurrently": {
    causes: ["Somebody else set a manifest, or recovered the Coordinator, at the same moment."],
    actions: ["Run contrast verify to see what is in force; then try again, if it is still wanted."],
  },
  "rpc/manifest-refused": {
    causes: ["The manifest or a policy is malformed, or of a newer version than the Coordinator."],
    actions: ["Run contrast manifest validate.", "Use the release of contrast that the Coordinator is of."],
  },
  "rpc/recovery-refused": {
    causes: [
      "The seed shares are of another deployment, or of an earlier life of this one.",
      "The history of the Coordinator was changed or damaged; its log says where.",
    ],
    actions: [
      "Give the file that the first contrast set of this deployment wrote with --seed; older ones end in .bak.",
      "Restore the history from a copy of the volume.",
    ],
  },
  "rpc/request-too-large": {
    causes: [
      "Manifest and policies go to the Coordinator in one request, some 60 KiB for each workload.",
      "Coordinators of Contrast 1.4 take 4 MiB; the one of this program takes 64 MiB where it has the memory, and 128 MiB at most.",
    ],
    actions: [
      "Give the Coordinator --max-request-mib and the memory for it; contrast resources coordinator --max-request-mib prints both.",
      "Split the deployment between several Coordinators, each with a manifest of its own.",
    ],
  },
  "rpc/unavailable": {
    causes: [
      "The Coordinator stopped or was restarted during the call.",
      "A load balancer or a firewall in between ended the connection.",
    ],
    actions: ["Try again; contrast set waits by itself.", "Look at the Coordinator's pod and at its log."],
  },
  "rpc/timeout": {
    causes: ["The Coordinator is overloaded, or its disk is slow.", "The network in between drops packets."],
    actions: ["Try again.", "Run contrast verify to see whether the call took effect."],
  },
  "rpc/server-failed": {
    causes: ["The disk of the Coordinator is full, read-only or damaged."],
    actions: ["Read the log of the Coordinator; it has the code of the error, which contrast help explains."],
  },
  "rpc/method-missing": OTHER_VERSION,
  "rpc/answer-invalid": OTHER_VERSION,
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
