import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

/** A server that is not the mesh API of a Coordinator. */
const OTHER_SERVER: ErrorExplanation = {
  causes: [
    "COORDINATOR_HOST names another port than that of the mesh API, normally 7777.",
    "Something between the workload and the Coordinator ends TLS.",
  ],
  actions: ["Set COORDINATOR_HOST to the Coordinator's service without a port.", "Pass TCP through."],
};

/** By code: what is known about workloads that do not start. */
export const WORKLOAD_EXPLANATIONS = {
  "rpc/policy-not-in-manifest": {
    causes: [
      "The manifest in force is of an earlier generate; the pod runs under a policy that it does not name.",
      "The YAML was changed after generate.",
    ],
    actions: [
      "Set the manifest with contrast set; the workload keeps asking, and starts by itself.",
      "Or apply the YAML that belongs to the manifest in force.",
    ],
  },
  "rpc/client-refused": {
    causes: [
      "The reference values of the manifest do not fit the machine that the pod runs on.",
      "The Coordinator cannot get what it needs to judge the machine from AMD or Intel.",
      "The clocks of the two machines are more than two hours apart.",
    ],
    actions: [
      "Read the reason in the log of the Coordinator.",
      "Compare what the machine states with the manifest, with contrast manifest observe.",
    ],
  },
  "rpc/mesh-certificate-invalid": {
    causes: ["The Coordinator is of another version, or damaged.", "What answers is not a Coordinator."],
    actions: ["Attest it with contrast verify, and read its log."],
  },
  "atls/no-certificate-request": OTHER_SERVER,
  "atls/server-nonce-invalid": OTHER_SERVER,
  "initializer/coordinator-host-missing": {
    causes: ["The Initializer was not added by generate, or its environment was changed."],
    actions: ["Run contrast generate on the YAML, or set COORDINATOR_HOST to the name of the Coordinator's service."],
  },
  "initializer/secret-missing": {
    causes: [
      "The volume's container started before the Initializer was done.",
      "The manifest names no workload secret for this workload.",
    ],
    actions: ["Order the init containers: the Initializer first.", "Give the policy a WorkloadSecretID."],
  },
  "initializer/volume-untrusted": {
    causes: [
      "Somebody has changed the header of the volume on the host, so that what is written would not be encrypted.",
      "The volume was made by another program with another cipher, with integrity protection, or as LUKS1.",
    ],
    actions: ["Find out who can write to the device.", "Empty the device to begin anew, which loses its data."],
  },
  "initializer/volume-failed": {
    causes: [
      "The volume was encrypted with another secret: of another deployment, or of another WorkloadSecretID.",
      "The container is not privileged, or the device is not there.",
    ],
    actions: ["Give the workload back the WorkloadSecretID that it had.", "Or empty the device, which loses its data."],
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
