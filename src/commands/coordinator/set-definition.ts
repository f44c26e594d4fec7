import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";
import { ACCEPT_EXPIRED_FLAG } from "../expired-collateral.ts";
import { COORDINATOR_FLAG, MANIFEST_FLAG, POLICY_HASH_FLAG, WORKLOAD_OWNER_KEY_FLAG } from "../coordinator-flags.ts";

/** `contrast set`: attests the Coordinator and gives it the manifest. */
export const setDefinition: CommandDefinition = {
  name: "set",
  summary: "Attest the Coordinator and set the manifest",
  description: [
    "Checks that the manifest is complete and that it names exactly the policies of the workloads under the given paths, attests the Coordinator by the reference values of the manifest, and sends it manifest and policies. Nothing is sent to a Coordinator whose evidence is not accepted. While the Coordinator cannot be reached, the command waits for up to three minutes.",
    "Afterwards the CA certificates are in coordinator-root-ca.pem and mesh-ca.pem. The first manifest of a deployment also gives seed-shares.json: the encrypted seed, without which nobody can recover the Coordinator. Keep it; the Coordinator does not return it again. Seed shares that are there already are kept as seed-shares.json.bak.",
    "An update needs a workload owner key that the manifest in force trusts.",
    "With --atomic the manifest is only set if nobody set another one since you last looked: the Coordinator must still be at the transition that verify stored in verify/latest-transition; without that file it must have no manifest. Run verify between two such updates.",
  ].join("\n\n"),
  examples: [
    { comment: "Set the manifest that generate wrote", command: "contrast set -c localhost:1313 resources/" },
    {
      comment: "Name the key that may update the deployment",
      command: "contrast set -c localhost:1313 --workload-owner-key ops.pem resources/",
    },
  ],
  positionals: {
    usage: "paths...",
    minimum: 0,
    maximum: Number.POSITIVE_INFINITY,
    files: ["yml", "yaml"],
  },
  flags: [
    COORDINATOR_FLAG,
    MANIFEST_FLAG,
    POLICY_HASH_FLAG,
    WORKLOAD_OWNER_KEY_FLAG,
    {
      name: "atomic",
      type: "boolean",
      summary: "Set the manifest only as the successor of the one that was verified last",
    },
    {
      name: "latest-transition",
      type: "string",
      value: "HEX",
      summary: "Set it only as the successor of this transition (32 bytes, zeros for no manifest); implies --atomic",
    },
    ...COLLATERAL_FLAGS,
    ACCEPT_EXPIRED_FLAG,
  ],
  load: async () => (await import("./set.ts")).setCommand,
};
