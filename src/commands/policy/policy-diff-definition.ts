import type { CommandDefinition } from "../../terminal/command-definition.ts";

/** `contrast policy diff`: what a new policy newly allows. */
export const policyDiffDefinition: CommandDefinition = {
  name: "diff",
  summary: "Compare policies by what they allow",
  description: [
    "Finds the policies on both sides as policy show does, matches workloads by kind, name and namespace, and compares container by container: variables, arguments, mounts, storages, capabilities, commands, settings and rules. Each change is said to be wider (the host may do more), narrower, or other; where one policy stands on each side, names do not matter.",
    "A change of the rules is shown as lines; what it means is not judged. Order counts only where it matters: for arguments and containers.",
    "The exit status is 0 if the policies allow the same, 1 if they differ, and 2 if they could not be compared, in every output format.",
  ].join("\n\n"),
  examples: [
    { comment: "What did the last generate change?", command: "contrast policy diff deployed/ deployment/" },
    {
      comment: "Compare what is enforced with what is on disk",
      command: "contrast policy diff verify/ deployment/",
    },
  ],
  positionals: { usage: "old new", minimum: 2, maximum: 2, files: [] },
  troubleStatus: 2,
  load: async () => (await import("./policy-diff.ts")).policyDiffCommand,
};
