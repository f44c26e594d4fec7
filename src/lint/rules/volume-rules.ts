import type { LintRule } from "../lint-rule.ts";

/** Rules about volumes. */
export const VOLUME_RULES: readonly LintRule[] = [
  {
    id: "volume-host-path",
    severity: "warning",
    code: "generate/volume-shared",
    title: "hostPath volume",
    why: "The files belong to the host, which can read and change them at any time; nothing about them is attested.",
    fix: "Use an emptyDir, or encrypt and check what is stored there.",
  },
  {
    id: "volume-claim",
    severity: "warning",
    code: "generate/volume-shared",
    title: "claim with a file system",
    why: "Such a claim is a file system on the host that is shared with the guest, so the host can read and change its files.",
    fix: "Claim a block device (volumeMode: Block) and encrypt it with the Initializer's cryptsetup, or encrypt what is stored there.",
  },
  {
    id: "volume-shared",
    severity: "warning",
    code: "generate/volume-shared",
    title: "shared file system",
    why: "The files come through the host, which can read and change them.",
    fix: "Encrypt and check what is stored there.",
  },
  {
    id: "volume-config",
    severity: "info",
    code: "lint/volume-config",
    title: "files from a ConfigMap, Secret or the API server",
    why: "The host hands these files to the guest, and no policy describes their content: the host can read and replace it.",
    fix: "Give values as variables, which the policy fixes, or fetch them after attestation.",
  },
  {
    id: "volume-unsupported",
    severity: "error",
    code: "lint/volume-unsupported",
    title: "volume that no policy can describe",
    why: "Generate cannot make a policy for a pod that mounts it.",
    fix: "Use a claim, an emptyDir, or one of the other kinds that docs/lint.md lists.",
  },
  {
    id: "sub-path",
    severity: "error",
    code: "lint/sub-path",
    title: "subPath",
    why: "The runtime cannot mount a part of a volume into a guest, so generate refuses the pod.",
    fix: "Mount the whole volume, or put the file into a volume of its own.",
  },
  {
    id: "mount-unknown",
    severity: "error",
    code: "lint/mount-unknown",
    title: "mount of a volume that the pod does not have",
    why: "Kubernetes refuses such a pod.",
    fix: "Name one of the pod's volumes, or add the volume.",
  },
];
