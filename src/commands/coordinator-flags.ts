import type { FlagDefinition } from "../terminal/command-definition.ts";

/** `--coordinator`: where the user API is. */
export const COORDINATOR_FLAG: FlagDefinition = {
  name: "coordinator",
  short: "c",
  type: "string",
  value: "HOST:PORT",
  required: true,
  summary: "Address of the Coordinator's user API, normally port 1313",
};

/** `--manifest`: what the Coordinator must be. */
export const MANIFEST_FLAG: FlagDefinition = {
  name: "manifest",
  short: "m",
  type: "string",
  value: "FILE",
  default: "manifest.json",
  files: ["json"],
  inWorkspace: true,
  summary: "Manifest with the reference values",
};

/** `--coordinator-policy-hash`: the Coordinator's own policy. */
export const POLICY_HASH_FLAG: FlagDefinition = {
  name: "coordinator-policy-hash",
  type: "string",
  value: "HEX",
  summary:
    "Policy hash that the Coordinator must have; without it that of the manifest, of coordinator-policy.sha256, or of the release",
};

/** `--workload-owner-key`: who may change the deployment. */
export const WORKLOAD_OWNER_KEY_FLAG: FlagDefinition = {
  name: "workload-owner-key",
  type: "string",
  value: "FILE",
  default: "workload-owner.pem",
  files: ["pem"],
  inWorkspace: true,
  summary: "Private key that may update the deployment",
};

/** `--seedshare-owner-key`: who may recover the Coordinator. */
export const SEEDSHARE_OWNER_KEY_FLAG: FlagDefinition = {
  name: "seedshare-owner-key",
  type: "string",
  value: "FILE",
  default: "seedshare-owner.pem",
  files: ["pem"],
  inWorkspace: true,
  summary: "Private key that the seed is encrypted for",
};

/** `--seed`: what the Coordinator is recovered from. */
export const SEED_FLAG: FlagDefinition = {
  name: "seed",
  type: "string",
  value: "FILE",
  default: "seed-shares.json",
  files: ["json"],
  inWorkspace: true,
  summary: "Encrypted seed shares, as set wrote them",
};
