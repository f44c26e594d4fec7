import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { SIMULATED_GUEST_FLAG } from "../simulated-guest-flag.ts";
import { cryptsetupDefinition } from "./cryptsetup-definition.ts";
import { ROLE_COLLATERAL_FLAGS } from "./role-collateral-flags.ts";

/** `contrast initializer`: the role that gets a workload its certificates. */
export const initializerDefinition: CommandDefinition = {
  name: "initializer",
  summary: "Get the certificates of this workload from its Coordinator",
  description: [
    "Runs inside of a confidential VM before the containers of a workload, which generate arranges. It shows the Coordinator evidence of this machine and writes key, certificates and secret of the workload. While the Coordinator cannot be reached, or its manifest does not know the workload, it tries again for ever.",
    "The environment variable COORDINATOR_HOST names the Coordinator, with a port where it is not 7777. CONTRAST_THIM=on or off says whether to ask Azure's service for the certificates of the machine. CONTRAST_LOG_LEVEL is the level of the log where --log-level is not given, info by default; CONTRAST_LOG_SUBSYSTEMS=kds-getter adds what is asked of the vendors' services.",
  ].join("\n\n"),
  examples: [{ comment: "Write the files of this workload to /contrast", command: "contrast initializer" }],
  flags: [
    {
      name: "output-dir",
      type: "string",
      value: "DIR",
      default: "/contrast",
      directories: true,
      summary: "Directory for tls-config and secrets",
    },
    {
      name: "retry-interval",
      type: "string",
      value: "SECONDS",
      default: "10",
      summary: "Time between two tries",
    },
    SIMULATED_GUEST_FLAG,
    ...ROLE_COLLATERAL_FLAGS,
  ],
  subcommands: [cryptsetupDefinition],
  load: async () => (await import("./initializer.ts")).initializerCommand,
};
