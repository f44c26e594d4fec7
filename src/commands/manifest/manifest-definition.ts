import type { CommandDefinition, PositionalDefinition } from "../../terminal/command-definition.ts";
import { manifestObserveDefinition } from "./manifest-observe-definition.ts";

const ONE_MANIFEST: PositionalDefinition = { usage: "[file]", minimum: 0, maximum: 1, files: ["json"] };

const manifestValidateDefinition: CommandDefinition = {
  name: "validate",
  summary: "Check that a manifest is complete and well-formed",
  description:
    "Reports everything that set and verify would refuse, each with its place, and what is still to be filled in. Reads manifest.json unless a file is named; the path - reads standard input.",
  examples: [
    { comment: "Check manifest.json", command: "contrast manifest validate" },
    { comment: "Check another file", command: "contrast manifest validate verify/manifest.1.json" },
  ],
  positionals: ONE_MANIFEST,
  load: async () => (await import("./manifest-validate.ts")).manifestValidateCommand,
};

const manifestShowDefinition: CommandDefinition = {
  name: "show",
  summary: "Show what a manifest says, in words",
  description:
    "Lists the workloads with their names and secrets, the trusted hardware and guests, and the owners. Reads manifest.json unless a file is named; the path - reads standard input.",
  examples: [{ comment: "Show manifest.json", command: "contrast manifest show" }],
  positionals: ONE_MANIFEST,
  load: async () => (await import("./manifest-show.ts")).manifestShowCommand,
};

const manifestDiffDefinition: CommandDefinition = {
  name: "diff",
  summary: "Compare two manifests by what they mean",
  description: [
    "Workloads are found again by their identity, also when their policy changed; minima of hardware are said to be raised or lowered; keys are compared as sets. Order and formatting do not count, though verify compares manifests byte by byte.",
    "The exit status is 0 if the manifests mean the same, 1 if they differ, and 2 if they could not be compared, in every output format.",
  ].join("\n\n"),
  examples: [
    {
      comment: "What has changed since the manifest before?",
      command: "contrast manifest diff verify/manifest.1.json verify/manifest.2.json",
    },
  ],
  positionals: { usage: "old new", minimum: 2, maximum: 2, files: ["json"] },
  troubleStatus: 2,
  load: async () => (await import("./manifest-diff.ts")).manifestDiffCommand,
};

/** `contrast manifest`: manifests without a Coordinator, and the values of machines. */
export const manifestDefinition: CommandDefinition = {
  name: "manifest",
  summary: "Check, show, compare and complete manifests",
  subcommands: [manifestValidateDefinition, manifestShowDefinition, manifestDiffDefinition, manifestObserveDefinition],
};
