import type { CommandDefinition } from "../../terminal/command-definition.ts";

/** `contrast policy eval`: requests in, verdicts out, for any policy text. */
export const policyEvalDefinition: CommandDefinition = {
  name: "eval",
  summary: "Decide requests with a policy, whoever wrote its rules",
  description: [
    "Decides requests in order, as the agent inside a guest would, and keeps what allowed ones settle for those after them. The policy may come from YAML, a directory with a manifest or with what verify wrote, or a file; it may be one of this program, of genpolicy in any version, or written by hand. No network is needed.",
    "Requests are JSON: an object with kind and request, several of them in an array (such as a testcases.json) or one on each line, as agents log them. With --kind, objects are bare requests of that kind. Members that a request leaves out get the default of their type; --exact hands requests over as they are.",
    "Policies that begin with the rules of this version are decided by the compiled rules. Others, and all with --engine guest or current, are read by regorus, the engine that guests contain: guest is the version of Contrast 1.4 (Kata 3.13 to 3.19), current that of later guests, which is the default for other rules; where guests of Contrast 1.4 decide otherwise, a warning says so. What rules print is shown below each verdict; the agent appends it to its error message.",
    "Guests read policies as Rego version 0, where the file can import rego.v1. A policy that takes too long, needs too much memory or calls itself without end is stopped.",
    "The command succeeds if every request is allowed.",
  ].join("\n\n"),
  examples: [
    {
      comment: "Would this request be allowed?",
      command: "contrast policy eval --policy resources/ --workload web request.json",
    },
    {
      comment: "Replay what an agent logged, with the engine of its guest",
      command: "contrast policy eval --policy policy.rego --engine guest policy.jsonl",
    },
    {
      comment: "Ask once",
      command:
        'echo "{}" | contrast policy eval --policy verify/ --workload web --kind ListInterfacesRequest --format json',
    },
  ],
  positionals: { usage: "[requests...]", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: ["json", "jsonl"] },
  flags: [
    {
      name: "policy",
      type: "string",
      value: "PATH",
      required: true,
      files: [],
      summary: "Where the policy is: YAML, directory, policy text, its base64, or - for standard input",
    },
    {
      name: "workload",
      type: "string",
      value: "NAME",
      summary: "Which policy, where there are several: kind and name, name, or beginning of the hash",
    },
    { name: "kind", type: "string", value: "KIND", summary: "Kind of requests that name none" },
    { name: "exact", type: "boolean", summary: "Do not fill in what requests leave out" },
    {
      name: "engine",
      type: "string",
      value: "ENGINE",
      default: "auto",
      choices: ["auto", "guest", "current"],
      summary: "What decides",
    },
    {
      name: "rego",
      type: "string",
      value: "VERSION",
      default: "v0",
      choices: ["v0", "v1"],
      summary: "Version of Rego that other rules are read as; guests read v0",
    },
  ],
  load: async () => (await import("./policy-eval.ts")).policyEvalCommand,
};
