import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { COLLATERAL_FLAGS } from "../collateral-flags.ts";
import { SIMULATED_GUEST_FLAG } from "../simulated-guest-flag.ts";

/** `contrast evidence issue`: what a role would prove about this machine, without running the role. */
export const evidenceIssueDefinition: CommandDefinition = {
  name: "issue",
  summary: "Make evidence about this machine and save it to a file",
  description: [
    "Runs in a confidential VM: asks its kernel for evidence as the Coordinator and the Initializer do, through configfs-tsm or /dev/sev-guest, and writes the message of an aTLS certificate extension, with the certificates that could be had. Where that fails it says what is missing, which is the reason to run it.",
    "Without --report-data the 64 bytes that the evidence is bound to are random; they are printed.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Does the attestation of this machine work?",
      command: "contrast evidence issue evidence.bin",
    },
    { comment: "Only what the hardware signed", command: "contrast evidence issue --raw report.bin" },
  ],
  positionals: { usage: "file", minimum: 1, maximum: 1, files: [] },
  flags: [
    {
      name: "report-data",
      type: "string",
      value: "HEX",
      summary: "The 64 bytes that the evidence is bound to",
    },
    { name: "raw", type: "boolean", summary: "Write the SNP report or TDX quote as the kernel gave it" },
    SIMULATED_GUEST_FLAG,
    ...COLLATERAL_FLAGS,
  ],
  load: async () => (await import("./evidence-issue.ts")).evidenceIssueCommand,
};
