import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { policyDiffDefinition } from "./policy-diff-definition.ts";
import { policyEvalDefinition } from "./policy-eval-definition.ts";
import { policyExplainDefinition } from "./policy-explain-definition.ts";
import { policyRecordDefinition } from "./policy-record-definition.ts";
import { policyShowDefinition } from "./policy-show-definition.ts";

/** `contrast policy test`: policies against written-down requests. */
const policyTestDefinition: CommandDefinition = {
  name: "test",
  summary: "Check that policies give the expected verdicts for requests in files",
  description: [
    "Finds every directory below the given ones that holds a testcases.json, creates the policy of the workload in its YAML files, and decides the requests of testcases.json in order with the policy engine of this program. Nothing is written, and no cluster is needed.",
    "A case is an object with description, kind (the name of the request, such as CreateContainerRequest), request and allowed (the wanted verdict). Members that a request leaves out have the default of their type. What an allowed request settles, such as the name of the sandbox, holds for the cases after it.",
    "Every verdict that is not as expected is printed; the command succeeds only if there is none.",
  ].join("\n\n"),
  examples: [
    { comment: "Run all tests below tests/policies", command: "contrast policy test tests/policies" },
    {
      comment: "Use upstream's settings, and facts about images that cannot be had",
      command: "contrast policy test --profile upstream --image-facts images.json tests/policies",
    },
    { comment: "Report to continuous integration", command: "contrast policy test --junit report.xml tests/policies" },
  ],
  positionals: { usage: "directories...", minimum: 1, maximum: Number.POSITIVE_INFINITY, directories: true },
  exclusive: [
    ["image-facts", "image-source"],
    ["image-facts", "offline"],
  ],
  flags: [
    {
      name: "profile",
      type: "string",
      value: "PROFILE",
      default: "metal",
      choices: ["metal", "aks", "upstream"],
      summary: "Settings that the policies are made with",
    },
    {
      name: "settings",
      type: "string",
      value: "FILE",
      files: ["json"],
      summary: "Own settings file or directory, as generate takes them, in place of the profile's",
    },
    {
      name: "image-facts",
      type: "string",
      value: "FILE",
      files: ["json"],
      summary: "What is known of the images: configuration, passwd and group by reference; nothing is fetched",
    },
    {
      name: "image-source",
      type: "strings",
      value: "REF=PATH",
      summary: "Take an image from an OCI layout or image archive on disk",
    },
    { name: "offline", type: "boolean", summary: "Open no network connection; images come from cache and disk" },
    { name: "junit", type: "string", value: "FILE", files: ["xml"], summary: "Also write the results as JUnit XML" },
  ],
  load: async () => (await import("./policy-test.ts")).policyTestCommand,
};

/** `contrast policy`: everything about policies beside making them. */
export const policyDefinition: CommandDefinition = {
  name: "policy",
  summary: "Show, compare, explain and test execution policies",
  subcommands: [policyExplainDefinition, policyRecordDefinition, policyShowDefinition, policyDiffDefinition, policyTestDefinition, policyEvalDefinition],
};
