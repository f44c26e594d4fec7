import type { LintRule } from "../lint-rule.ts";

/** Rules about images and what runs in containers. */
export const IMAGE_RULES: readonly LintRule[] = [
  {
    id: "image-digest",
    severity: "warning",
    code: "lint/image-digest",
    title: "image without digest",
    why: "Whoever controls the registry or the host decides what a tag means, so the policy refuses to start a container from a reference without digest.",
    fix: "Write the digest behind the reference, or run generate with --pin-images.",
  },
  {
    id: "component-version",
    severity: "warning",
    code: "generate/release-image-version",
    title: "Coordinator, Initializer or mesh proxy of another release",
    why: "The parts of different releases do not understand each other, and the manifest of one does not fit the other.",
    fix: "Write the tag latest, which generate replaces by the version that fits.",
    fixable: true,
  },
  {
    id: "exec-probe",
    severity: "info",
    code: "lint/exec-probe",
    title: "probe or hook that runs a command",
    why: "The kubelet runs the command through the agent, so the policy admits it for the whole life of the container, whoever asks and however often.",
    fix: "Use a probe over the network where the pod has no mesh, or a command that does no harm at any time.",
  },
  {
    id: "env-secret",
    severity: "warning",
    code: "lint/env-secret",
    title: "secret in a variable",
    why: "Literal values are part of the YAML and of the policy, which the host, the Coordinator and everybody with access to the cluster can read.",
    fix: "Derive it from the workload secret under /contrast/secrets, or fetch it over the mesh after attestation.",
    hidesSource: true,
  },
  {
    id: "env-from-secret",
    severity: "info",
    code: "lint/env-from-secret",
    title: "variable filled from a Secret",
    why: "The host reads Secrets and hands variables to the guest, and generate writes their values into the policy: what stands in the variable is no secret any more.",
    fix: "Derive it from the workload secret under /contrast/secrets, or fetch it over the mesh after attestation.",
  },
];
