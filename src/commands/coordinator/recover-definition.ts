import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";
import { ACCEPT_EXPIRED_FLAG } from "../expired-collateral.ts";
import {
  COORDINATOR_FLAG,
  MANIFEST_FLAG,
  POLICY_HASH_FLAG,
  SEED_FLAG,
  SEEDSHARE_OWNER_KEY_FLAG,
  WORKLOAD_OWNER_KEY_FLAG,
} from "../coordinator-flags.ts";

/** `contrast recover`: gives a restarted Coordinator its seed back. */
export const recoverDefinition: CommandDefinition = {
  name: "recover",
  summary: "Give a restarted Coordinator its state back",
  description: [
    "Finds the seed share of the given key in seed-shares.json, decrypts it, attests the Coordinator by the reference values of the manifest, and sends it the seed over the attested connection. Nothing is written. Afterwards the mesh CA is a new one: restart the workloads, so that they get certificates of it.",
    "With --dry-run everything is done except sending: key, seed shares and evidence are checked.",
  ].join("\n\n"),
  examples: [
    { comment: "Recover the Coordinator after its restart", command: "contrast recover -c localhost:1313" },
    {
      comment: "Rehearse: is the key at hand, and does it fit?",
      command: "contrast recover -c localhost:1313 --dry-run",
    },
  ],
  flags: [
    COORDINATOR_FLAG,
    MANIFEST_FLAG,
    POLICY_HASH_FLAG,
    SEEDSHARE_OWNER_KEY_FLAG,
    SEED_FLAG,
    { ...WORKLOAD_OWNER_KEY_FLAG, summary: "Accepted and ignored: the seed share owner key is presented" },
    { name: "dry-run", type: "boolean", summary: "Check key, seed shares and evidence, but send nothing" },
    ...COLLATERAL_FLAGS,
    ACCEPT_EXPIRED_FLAG,
  ],
  load: async () => (await import("./recover.ts")).recoverCommand,
};
