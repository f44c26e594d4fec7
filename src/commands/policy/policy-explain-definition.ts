import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { DENIAL_FLAGS } from "./denial-flags.ts";

/** `contrast policy explain`: why a request was refused, and what would change that. */
export const policyExplainDefinition: CommandDefinition = {
  name: "explain",
  summary: "Say why a policy refuses a request, and what in the YAML would change that",
  description: [
    "Names the container of the policy that comes nearest to the request, its failing checks with what was received beside what is expected, and the line of the YAML or the member of the settings that governs it. Where the policy carries YAML, or --resources names it, places are files with lines.",
    'The request may be JSON (with kind and request, or bare), lines of JSON as agents log them, a line of the older agent\'s policy.txt, or text pasted from kubectl describe, an event or the log of containerd: escaped, wrapped or cut. Of several requests, earlier ones settle what later ones have to agree with. Where a text ends in the middle of a request, only what it shows is compared, and the rest is named. The line that guests print, such as container "web" refuses: env, is enough to know the check, but not the value.',
    "Policies with other rules are decided by their own rules; their data are then compared with the request by the rules of this program, which says so.",
    "The command succeeds if every request is allowed.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Why does the pod not start?",
      command: "kubectl describe pod web-0 | contrast policy explain --policy deployment/",
    },
    {
      comment: "Explain what an agent logged",
      command: "contrast policy explain --policy deployment/web.yaml policy.jsonl",
    },
    {
      comment: "Explain with the policy that a Coordinator enforces, and the YAML beside it",
      command: "contrast policy explain --policy verify/ --resources deployment/ --workload web --request event.txt",
    },
  ],
  positionals: { usage: "[requests...]", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: [] },
  flags: [
    ...DENIAL_FLAGS,
    {
      name: "container",
      type: "string",
      value: "NAME",
      summary: "Container that the request is about, where it was cut",
    },
    {
      name: "resources",
      type: "strings",
      value: "PATH",
      files: ["yaml", "yml"],
      summary: "YAML of the workload, where the policy does not carry it",
    },
  ],
  load: async () => (await import("./policy-explain.ts")).policyExplainCommand,
};
