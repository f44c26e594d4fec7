import type { CommandDefinition } from "../../terminal/command-definition.ts";

/** `contrast policy show`: what policies allow, in words. */
export const policyShowDefinition: CommandDefinition = {
  name: "show",
  summary: "Show what policies allow and what they do not protect",
  description: [
    "For each policy, says what it does not protect for this pod, and for each container the image, command, variables, mounts, storages, capabilities and commands that it may have: whether a value is fixed, of a pattern, or the host's choice, and where it comes from.",
    "Reads YAML that generate annotated (files, directories, or - for standard input), the directory that verify wrote, a policy text, its base64, or the initdata of later versions; without paths the workspace. With YAML, origins are fields with their lines; of a bare policy, only what every pod has is known. Manifests beside the policies, or else manifest.json of the workspace, are asked whether they trust them.",
    "Rules that are not those of this program are not read: the data are shown, and a warning says so.",
  ].join("\n\n"),
  examples: [
    { comment: "Show the policies of annotated YAML", command: "contrast policy show deployment/" },
    { comment: "Show what a Coordinator enforces", command: "contrast policy show verify/" },
    {
      comment: "Write one page that can be read offline",
      command: "contrast policy show --html policies.html deployment/",
    },
  ],
  positionals: { usage: "[paths...]", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: [] },
  flags: [
    {
      name: "manifest",
      short: "m",
      type: "string",
      value: "FILE",
      files: ["json"],
      summary: "Manifest to ask in place of those beside the policies",
    },
    { name: "all", type: "boolean", summary: "Show also what every pod has" },
    { name: "html", type: "string", value: "FILE", files: ["html"], summary: "Write an HTML page in place of text" },
  ],
  load: async () => (await import("./policy-show.ts")).policyShowCommand,
};
