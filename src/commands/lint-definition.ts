import type { CommandDefinition } from "../terminal/command-definition.ts";

const SEVERITIES = ["error", "warning", "info"];

/** `contrast lint`: likely mistakes in Kubernetes YAML, before anything is generated or deployed. */
export const lintDefinition: CommandDefinition = {
  name: "lint",
  summary: "Find likely mistakes in Kubernetes YAML with confidential pods",
  description: [
    "Reads every .yml and .yaml file under the given paths and asks its rules about them, without network and cluster. A finding is an error (the pod will not work), a warning (it is probably not what you want), or an info. The path - reads standard input. The rules, why they matter and how to silence them: docs/lint.md.",
    "The command fails if there is a finding of the severity that --fail-on names, or a worse one. With --format json the exit status is 4 then, and 7 for files that cannot be read.",
    "A comment `# contrast-lint: ignore RULE: reason` at the end of a line or above it silences a rule there, `ignore-file` in the whole file; the annotation contrast.edgeless.systems/lint-ignore silences it for an object.",
  ].join("\n\n"),
  examples: [
    { comment: "Look at everything under resources/", command: "contrast lint resources/" },
    {
      comment: "Fail on warnings too, and report to continuous integration",
      command: "contrast lint --fail-on warning --sarif lint.sarif --junit lint.xml resources/",
    },
    { comment: "Repair what can be repaired without asking", command: "contrast lint --fix resources/" },
    { comment: "Add the rules of your own team", command: "contrast lint --rules lint-rules/ resources/" },
    { comment: "Look at what a chart prints", command: "helm template ./chart | contrast lint -" },
  ],
  positionals: { usage: "paths...", minimum: 0, maximum: Number.POSITIVE_INFINITY, files: ["yml", "yaml"] },
  exclusive: [["list", "fix"]],
  flags: [
    {
      name: "fail-on",
      type: "string",
      value: "SEVERITY",
      default: "error",
      choices: [...SEVERITIES, "never"],
      summary: "Mildest finding that makes the command fail",
    },
    {
      name: "severity",
      type: "string",
      value: "SEVERITY",
      default: "info",
      choices: SEVERITIES,
      summary: "Mildest finding that is told",
    },
    { name: "ignore", type: "strings", value: "RULE", summary: "Do not tell findings of this rule" },
    {
      name: "reference-values",
      type: "string",
      value: "PLATFORM",
      summary: "Platform that the deployment will run on, as for generate",
    },
    {
      name: "rules",
      type: "string",
      value: "DIR",
      directories: true,
      summary: "Also ask the rules in the .rego files of this directory",
    },
    { name: "skip-service-mesh", type: "boolean", summary: "Generate will not inject the service mesh" },
    { name: "fix", type: "boolean", summary: "Repair in the files what can be repaired without asking" },
    { name: "github", type: "boolean", summary: "Print findings as workflow commands of GitHub" },
    {
      name: "sarif",
      type: "string",
      value: "FILE",
      files: ["sarif", "json"],
      summary: "Also write the findings as SARIF 2.1.0",
    },
    { name: "junit", type: "string", value: "FILE", files: ["xml"], summary: "Also write the findings as JUnit XML" },
    { name: "list", type: "boolean", summary: "List the rules and end" },
  ],
  load: async () => (await import("./lint.ts")).lintCommand,
};
