import type { FlagDefinition } from "../../terminal/command-definition.ts";

/** The flags of commands that take a policy and what tells of a refused request. */
export const DENIAL_FLAGS: readonly FlagDefinition[] = [
  {
    name: "policy",
    type: "strings",
    value: "PATH",
    required: true,
    files: [],
    summary: "Where the policy is: YAML, directory, policy text, its base64, or - for standard input",
  },
  {
    name: "request",
    type: "string",
    value: "FILE",
    files: [],
    summary: "Request, log or event in place of a positional argument; - for standard input",
  },
  {
    name: "workload",
    type: "string",
    value: "NAME",
    summary: "Which policy, where the request does not tell: kind and name, name, or beginning of the hash",
  },
  { name: "kind", type: "string", value: "KIND", summary: "Kind of requests that name none" },
];
