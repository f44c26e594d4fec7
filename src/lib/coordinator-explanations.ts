import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

const DAMAGED_OBJECT: ErrorExplanation = {
  causes: ["A file of the state directory was deleted, changed or damaged.", "The volume is failing."],
  actions: [
    "Restore the file that the message names from a copy; its name is the SHA-256 of what it must contain.",
    "Check the volume, and the log of the kernel.",
  ],
};

const NOT_A_PEER: ErrorExplanation = {
  causes: [
    "The client is a browser, a health check or a port scanner, and no program of Contrast.",
    "A proxy in between ends TLS, or replaces the name that the client sends.",
  ],
  actions: ["Let load balancers pass TCP on, and check the health of the Coordinator by its probes."],
};

const LATER_OWNER: ErrorExplanation = {
  causes: [
    "The key is not that of a workload owner of the manifest in force; the owners of a new manifest count only after it.",
    "The caller gave another key file than the one that generate wrote.",
  ],
  actions: ["Give the right key with --workload-owner-key.", "See the owners with contrast manifest show."],
};

const FULL_HISTORY: ErrorExplanation = {
  causes: ["Very many or very large manifests were set in the life of this deployment."],
  actions: [
    "Deploy anew with an empty volume; workloads get new certificates and secrets.",
    "Until then, all works on.",
  ],
};

const RUNNING: ErrorExplanation = {
  causes: ["Somebody else has recovered the Coordinator, perhaps at the same moment, or it was never restarted."],
  actions: ["Run contrast verify to see its state; there is nothing more to do."],
};

/** By code: why a Coordinator refuses a call, and what is wrong with its state. */
export const COORDINATOR_EXPLANATIONS = {
  "coordinator/address-invalid": {
    causes: ["The metrics have the port of an API, 1313 or 7777.", "The port is missing, or is not a number."],
    actions: ["Give each server HOST:PORT with a port of its own; CONTRAST_METRICS_PORT takes a port alone."],
  },
  "coordinator/probe-listen-failed": {
    causes: ["Another program listens on the port of metrics or probes.", "The address is not one of this machine."],
    actions: ["Find the other program with ss -ltnp, or give another port."],
  },
  "coordinator/no-manifest": {
    causes: ["The Coordinator is new.", "Its volume was deleted, and with it the history."],
    actions: ["Set a manifest with contrast set; workloads that wait go on by themselves."],
  },
  "coordinator/recovery-mode": {
    causes: ["The Coordinator was restarted: its seed was in memory only."],
    actions: ["Run contrast recover with seed-shares.json and the key of a seed share owner; then restart workloads."],
  },
  "coordinator/updates-disabled": {
    causes: ["The manifest in force was generated with --disable-updates, or without a workload owner key."],
    actions: ["Deploy anew with an empty volume, which makes new secrets, if the manifest has to change."],
  },
  "coordinator/caller-not-owner": LATER_OWNER,
  "coordinator/caller-unknown": LATER_OWNER,
  "coordinator/seed-share-owners-changed": {
    causes: ["The new manifest was generated with another seed share owner key, or the keys are in another order."],
    actions: [
      "Generate it with the seed share owner keys of the manifest in force; they stay for a deployment's life.",
    ],
  },
  "coordinator/manifest-invalid": {
    causes: ["The manifest was written by hand, or generate left values to fill in.", "A policy was not sent with it."],
    actions: ["Run contrast manifest validate on it; it finds the same.", "Set it with contrast set."],
  },
  "coordinator/manifest-unreadable": {
    causes: ["The file is no manifest, or was cut off or damaged on its way.", "It has more than 4 MiB."],
    actions: ["Run contrast manifest validate on it.", "Generate it anew."],
  },
  "coordinator/transition-stale": {
    causes: ["Somebody else set a manifest since the caller last looked."],
    actions: ["Run contrast verify, see what differs with contrast manifest diff, and set the manifest on top of it."],
  },
  "coordinator/seed-invalid": {
    causes: ["The seed shares were made by another program, or the file was changed."],
    actions: ["Recover with contrast recover and the file that the first contrast set wrote."],
  },
  "coordinator/already-recovered": RUNNING,
  "coordinator/recovered-concurrently": RUNNING,
  "coordinator/nothing-to-recover": {
    causes: ["The Coordinator is new, its volume was deleted, or it looks into another directory than before."],
    actions: ["Check --state-dir and the volume.", "If the state is lost, set a manifest with contrast set."],
  },
  "coordinator/store-failed": {
    causes: ["The volume is full, read-only or failing; the line of the log says which step failed and why."],
    actions: ["Repair the volume, and set the manifest again; only history-uncertain leaves open whether it is set."],
  },
  "coordinator/history-failed": {
    causes: ["The volume cannot be read, or an object of the history is missing, damaged or rolled back."],
    actions: ["Read the cause in the log of the Coordinator; contrast help explains its code."],
  },
  "coordinator/history-too-large": FULL_HISTORY,
  "coordinator/history-full": FULL_HISTORY,
  "coordinator/answer-too-large": FULL_HISTORY,
  "coordinator/manifest-replaced": {
    causes: ["A manifest was set, or the Coordinator followed another one, between the connection and the call."],
    actions: ["Nothing: Initializers connect again, and are judged by the new manifest."],
  },
  "coordinator/recovery-denied": {
    causes: ["The key of the caller is not that of a seed share owner; a workload owner's key does not count here."],
    actions: ["Give the RSA key of a seed share owner with --seedshare-owner-key."],
  },
  "coordinator/recovery-failed": {
    causes: [
      "The seed shares are of another deployment, or of an earlier life of this one.",
      "The history on the volume was changed or damaged.",
    ],
    actions: [
      "Look for the seed shares that the first contrast set of this deployment wrote; set keeps older ones as .bak.",
      "The log says which object is wrong; restore it from a copy.",
    ],
  },
  "coordinator/history-changed": {
    causes: ["Somebody else set a manifest at the same moment, at this Coordinator or at another one on the volume."],
    actions: ["See what is in force with contrast verify; then set yours again, if it is still wanted."],
  },
  "coordinator/policy-unknown": {
    causes: [
      "The pod was started from YAML that is older or newer than the manifest in force.",
      "Somebody else runs a pod of their own in a machine that the manifest allows.",
    ],
    actions: ["Set the manifest that belongs to the YAML, or apply the YAML that belongs to the manifest."],
  },
  "coordinator/history-corrupt": DAMAGED_OBJECT,
  "coordinator/history-missing": DAMAGED_OBJECT,
  "coordinator/history-signature-invalid": {
    causes: [
      "The seed is of another deployment than the volume.",
      "Somebody who does not have the seed changed transitions/latest.",
    ],
    actions: ["Recover with the seed shares of this deployment.", "Or restore the state directory from a copy."],
  },
  "coordinator/history-unreadable": {
    causes: [
      "The volume is not mounted, so that the directory above the state directory is missing.",
      "The disk fails.",
    ],
    actions: [
      "Check the mounts and the permissions; --state-device names a device that the Coordinator mounts itself.",
    ],
  },
  "coordinator/history-unwritable": {
    causes: ["The volume is full, or was mounted read-only after an error."],
    actions: ["Make room or repair the volume, and set the manifest again; the history is as it was."],
  },
  "coordinator/history-uncertain": {
    causes: ["The disk reported an error while the change was being made durable."],
    actions: [
      "Repair the volume.",
      "See with contrast verify which manifest is in force, and set it again if need be.",
    ],
  },
  "coordinator/san-invalid": {
    causes: ["An entry of SANs is empty, has spaces or other letters than ASCII, or a label of more than 63 of them."],
    actions: ["Correct SANs in the manifest; host names, wildcards, IP addresses and URIs can be used."],
  },
  "coordinator/workload-key-invalid": {
    causes: ["The client is no Initializer of Contrast, and uses a key of a kind that few programs can verify."],
    actions: ["Use P-256, P-384, P-521, Ed25519, or RSA of 2048 to 8192 bits as the key of the TLS client."],
  },

  // atls: servers
  "atls/listen-failed": {
    causes: ["Another program listens on the port.", "The address is not one of this machine."],
    actions: ["Find the other program with ss -ltnp, or give another port."],
  },
  "atls/hello-invalid": NOT_A_PEER,
  "atls/nonce-invalid": NOT_A_PEER,
  "atls/protocol-missing": NOT_A_PEER,
  "atls/client-refused": {
    causes: [
      "The client ended the handshake, since it does not accept the evidence of the Coordinator.",
      ...NOT_A_PEER.causes,
    ],
    actions: ["Read what the client says; the values that it expects are in its manifest.", ...NOT_A_PEER.actions],
  },
  "atls/client-certificate-missing": {
    causes: [
      "A client of the user API, such as contrast set, was given the port of the mesh API.",
      ...NOT_A_PEER.causes,
    ],
    actions: ["Use port 1313 for users, 7777 for workloads."],
  },
  "atls/too-many-connections": {
    causes: ["Very many workloads start at once.", "Somebody opens connections to keep others out."],
    actions: ["Wait: Initializers try again.", "Let only the pods of the deployment reach the mesh API."],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
