import type { ErrorCode } from "./error-codes.ts";
import type { ErrorExplanation } from "./error-explanation.ts";

const DAMAGED_MACHINE: ErrorExplanation = {
  causes: ["A file in the directory of the sandbox was changed by hand, cut off, or made by another version."],
  actions: ["Run contrast sandbox down --delete, then up: the new machine has other roots and other secrets."],
};

/** By code: what keeps a sandbox from running. */
export const SANDBOX_EXPLANATIONS = {
  "sandbox/already-running": {
    causes: ["It was started before in this directory, and never stopped."],
    actions: [
      "Use it: contrast sandbox status.",
      "Or stop it with contrast sandbox down, or give another --directory.",
    ],
  },
  "sandbox/not-running": {
    causes: [
      "It was never started, was stopped, or ended with the process that started it.",
      "It runs in another directory than the one of --directory.",
    ],
    actions: ["Start it with contrast sandbox up; its Coordinator then needs contrast recover."],
  },
  "sandbox/not-found": {
    causes: ["The command runs in another directory than contrast sandbox up did."],
    actions: ["Name the sandbox with --directory, or start one with contrast sandbox up."],
  },
  "sandbox/port-in-use": {
    causes: ["Another sandbox, or a port forwarding to a real Coordinator, has the port."],
    actions: ["Stop it, or give other ports: --user-api-port, --mesh-api-port, --vendor-port; 0 takes any."],
  },
  "sandbox/directory-foreign": {
    causes: [
      "The flag --directory names a directory of yours; a sandbox never writes into or deletes what is not its own.",
    ],
    actions: ["Name a directory that does not exist yet, or is empty."],
  },
  "sandbox/machine-differs": {
    causes: ["The manifest was generated for another platform after the sandbox was made."],
    actions: ["Run contrast sandbox down --delete, then up; or give the manifest of the machine that is there."],
  },
  "sandbox/platform-unknown": {
    causes: ["The manifest has no reference values, or only for a platform without simulation."],
    actions: ["Generate it with --reference-values k3s-qemu-snp or k3s-qemu-tdx, or another bare-metal platform."],
  },
  "sandbox/no-policies": {
    causes: ["The YAML was not patched by generate, or the paths are others than those given to it."],
    actions: ["Run contrast generate on it first, and give both commands the same paths."],
  },
  "sandbox/no-coordinator": {
    causes: ["The Coordinator's YAML of the release is not among the given paths."],
    actions: ["Put coordinator.yml beside the other files, and run generate again."],
  },
  "sandbox/coordinator-failed": {
    causes: ["The Coordinator ended at its start; its log says why."],
    actions: ["Read logs/coordinator.log in the directory of the sandbox."],
  },
  "sandbox/no-certificate": {
    causes: ["No manifest is set yet, the Coordinator waits for recovery, or the manifest does not know the workload."],
    actions: ["Look with contrast sandbox status; then set the manifest, or recover the Coordinator."],
  },
  "simulator/machine-invalid": DAMAGED_MACHINE,
  "simulator/guest-invalid": DAMAGED_MACHINE,
  "sandbox/record-invalid": DAMAGED_MACHINE,
} as const satisfies Partial<Record<ErrorCode, ErrorExplanation>>;
