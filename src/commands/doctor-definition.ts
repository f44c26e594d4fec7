import type { CommandDefinition } from "../terminal/command-definition.ts";
import { TRUST_FLAGS } from "./collateral-flags.ts";
import {
  MANIFEST_FLAG,
  POLICY_HASH_FLAG,
  SEED_FLAG,
  SEEDSHARE_OWNER_KEY_FLAG,
  WORKLOAD_OWNER_KEY_FLAG,
} from "./coordinator-flags.ts";
import { RULES_FLAG, SETTINGS_FLAG } from "./rule-file-flags.ts";
import { IMAGE_REPLACEMENTS_FLAG, REFERENCE_VALUES_FILE_FLAG } from "./table-flags.ts";

/** `contrast doctor`: whether the files of a deployment fit together. */
export const doctorDefinition: CommandDefinition = {
  name: "doctor",
  summary: "Find out why set, verify or recover fail, without network",
  description: [
    "Looks at everything that lies on this computer: the YAML under the paths, manifest.json, the owners' keys, seed shares, what verify has saved, the collateral cache, and this program itself. Each check is ok, a warning (it may be wanted), an error (set, verify, recover or the cluster will refuse it) or skipped, with a sentence what to do. Nothing is written, nothing is sent, and no secret is printed. Without paths the YAML is not looked at.",
    "The exit status is 0 if there is no finding that --fail-on names, 1 if there is one, and 2 if the check itself could not be made, in every output format. What each check means: docs/doctor.md.",
  ].join("\n\n"),
  examples: [
    { comment: "Look at everything before set", command: "contrast doctor resources/" },
    { comment: "Show every check, also those that passed", command: "contrast doctor --verbose resources/" },
    {
      comment: "Is everything at hand to verify where there is no network?",
      command: "contrast doctor --offline --collateral bundle.tar resources/",
    },
    {
      comment: "Look also at the certificates of a workload",
      command: "contrast doctor --tls-config ./tls-config resources/",
    },
  ],
  positionals: { usage: "[paths...]", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: ["yml", "yaml"] },
  troubleStatus: 2,
  flags: [
    { ...MANIFEST_FLAG, summary: "Manifest of the deployment" },
    POLICY_HASH_FLAG,
    { ...WORKLOAD_OWNER_KEY_FLAG, summary: "Private key that is to update the deployment" },
    { ...SEEDSHARE_OWNER_KEY_FLAG, summary: "Private key that is to recover the Coordinator" },
    SEED_FLAG,
    { ...RULES_FLAG, summary: "Rego rules that generate used" },
    { ...SETTINGS_FLAG, summary: "Settings that generate used" },
    {
      name: "tls-config",
      type: "string",
      value: "DIR",
      directories: true,
      summary: "Look at the certificates of a workload, a copy of its /contrast/tls-config",
    },
    {
      name: "image-source",
      type: "strings",
      value: "REF=PATH",
      summary: "Take the image REF from an OCI layout directory or an image tar, as for generate",
    },
    { name: "offline", type: "boolean", summary: "Demand all collateral, because no vendor can be asked" },
    {
      name: "collateral",
      type: "strings",
      value: "FILE",
      files: [],
      summary: "Count what is in a bundle, its directory, or a JSON file of TDX collateral as at hand",
    },
    ...TRUST_FLAGS,
    {
      name: "fail-on",
      type: "string",
      value: "SEVERITY",
      default: "error",
      choices: ["error", "warning", "never"],
      summary: "Mildest finding that makes the exit status 1",
    },
    { name: "verbose", type: "boolean", summary: "Show every check, and why checks were skipped" },
    { name: "list", type: "boolean", summary: "List the checks and end" },
    IMAGE_REPLACEMENTS_FLAG,
    REFERENCE_VALUES_FILE_FLAG,
  ],
  load: async () => (await import("./doctor.ts")).doctorCommand,
};
