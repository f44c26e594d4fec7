import type { CommandDefinition } from "../../terminal/command-definition.ts";

/** `contrast policy test`: policies against written-down requests. */
export const policyTestDefinition: CommandDefinition = {
  name: "test",
  summary: "Check that policies give the expected verdicts for requests in files",
  description: [
    "Finds every directory below the given ones that holds a testcases.json, creates the policy of the workload in its YAML files, and decides the requests of testcases.json in order with the policy engine of this program. Nothing is written, and no cluster is needed.",
    "A case is an object with description, kind (the name of the request, such as CreateContainerRequest), request and allowed (the wanted verdict). Members that a request leaves out have the default of their type. What an allowed request settles, such as the name of the sandbox, holds for the cases after it.",
    "Every verdict that is not as expected is printed; the command succeeds only if there is none.",
    "With --rules, other rules decide in place of those of this version, read by the engine of guests. With --coverage, that engine also counts which lines of the rules the cases exercise; rules that no case reaches are listed.",
  ].join("\n\n"),
  examples: [
    { comment: "Run all tests below tests/policies", command: "contrast policy test tests/policies" },
    {
      comment: "Use upstream's settings, and facts about images that cannot be had",
      command: "contrast policy test --profile upstream --image-facts images.json tests/policies",
    },
    {
      comment: "Test rules of your own, and fail if the cases do not reach most of them",
      command: "contrast policy test --rules my.rego --coverage-min 90 tests/policies",
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
    {
      name: "rules",
      type: "string",
      value: "FILE",
      files: ["rego"],
      summary: "Rego rules to test in place of those of this version",
    },
    { name: "coverage", type: "boolean", summary: "Show which lines of the rules the cases exercise" },
    {
      name: "coverage-min",
      type: "string",
      value: "PERCENT",
      summary: "Fail if fewer lines of the rules are exercised",
    },
    {
      name: "coverage-report",
      type: "string",
      value: "FILE",
      files: ["info", "lcov", "txt"],
      summary: "Also write the coverage: as LCOV to .info or .lcov, else as the rules with a mark on each line",
    },
    { name: "junit", type: "string", value: "FILE", files: ["xml"], summary: "Also write the results as JUnit XML" },
  ],
  load: async () => (await import("./policy-test.ts")).policyTestCommand,
};
