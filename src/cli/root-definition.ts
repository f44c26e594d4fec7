import { EXIT_STATUS } from "./exit-status-table.ts";
import type { Program } from "../terminal/command-definition.ts";

/** Every command of the program: how it is listed, and where its definition is. */
export const PROGRAM: Program = {
  exitStatuses: EXIT_STATUS,
  root: {
    name: "contrast",
    summary: "Make a Kubernetes deployment confidential and prove that it is",
    examples: [
      {
        comment: "Patch the YAML under resources/, create its policies and manifest.json",
        command: "contrast generate --reference-values k3s-qemu-snp resources/",
      },
      { comment: "Complete commands and flags in this shell", command: "source <(contrast completion bash)" },
    ],
    flags: [
      {
        name: "version",
        short: "v",
        type: "boolean",
        summary: "Show the version and what this build expects, then exit",
      },
    ],
    subcommands: [
      {
        name: "generate",
        summary: "Patch Kubernetes YAML, create policies and write the manifest",
        define: async () => (await import("../commands/generate-definition.ts")).generateDefinition,
      },
      {
        name: "lint",
        summary: "Find likely mistakes in Kubernetes YAML with confidential pods",
        define: async () => (await import("../commands/lint-definition.ts")).lintDefinition,
      },
      {
        name: "set",
        summary: "Attest the Coordinator and set the manifest",
        define: async () => (await import("../commands/coordinator/set-definition.ts")).setDefinition,
      },
      {
        name: "verify",
        summary: "Attest the Coordinator and compare its manifest with the expected one",
        define: async () => (await import("../commands/coordinator/verify-definition.ts")).verifyDefinition,
      },
      {
        name: "recover",
        summary: "Give a restarted Coordinator its state back",
        define: async () => (await import("../commands/coordinator/recover-definition.ts")).recoverDefinition,
      },
      {
        name: "evidence",
        summary: "Make, save, show and verify hardware evidence in files",
        define: async () => (await import("../commands/evidence/evidence-definition.ts")).evidenceDefinition,
      },
      {
        name: "collateral",
        summary: "Fetch, carry and clean up what AMD and Intel publish about their hardware",
        define: async () => (await import("../commands/collateral/collateral-definition.ts")).collateralDefinition,
      },
      {
        name: "manifest",
        summary: "Check, show, compare and complete manifests",
        define: async () => (await import("../commands/manifest/manifest-definition.ts")).manifestDefinition,
      },
      {
        name: "measure",
        summary: "Compute the launch measurements of confidential VMs",
        define: async () => (await import("../commands/measure/measure-definition.ts")).measureDefinition,
      },
      {
        name: "policy",
        summary: "Show, compare, explain and test execution policies",
        define: async () => (await import("../commands/policy/policy-definition.ts")).policyDefinition,
      },
      {
        name: "doctor",
        summary: "Find out why set, verify or recover fail, without network",
        define: async () => (await import("../commands/doctor-definition.ts")).doctorDefinition,
      },
      {
        name: "mesh",
        summary: "Show what the service mesh of a deployment will do",
        define: async () => (await import("../commands/mesh/mesh-definition.ts")).meshDefinition,
      },
      {
        name: "sandbox",
        summary: "Run a deployment on this computer, with simulated hardware",
        define: async () => (await import("../commands/sandbox/sandbox-definition.ts")).sandboxDefinition,
      },
      {
        name: "resources",
        summary: "Print the cluster objects of Contrast: runtime, Coordinator, port-forwarder",
        define: async () => (await import("../commands/resources/resources-definition.ts")).resourcesDefinition,
      },
      {
        name: "coordinator",
        summary: "Run the Coordinator of a deployment",
        define: async () => (await import("../commands/roles/coordinator-definition.ts")).coordinatorDefinition,
      },
      {
        name: "initializer",
        summary: "Get the certificates of this workload from its Coordinator",
        define: async () => (await import("../commands/roles/initializer-definition.ts")).initializerDefinition,
      },
      {
        name: "service-mesh",
        summary: "Run the mesh sidecar of a workload",
        define: async () => (await import("../commands/roles/service-mesh-definition.ts")).serviceMeshDefinition,
      },
      {
        name: "completion",
        summary: "Print the script that completes commands, flags and values in a shell",
        define: async () => (await import("../commands/completion-definition.ts")).completionDefinition,
      },
      {
        name: "help",
        summary: "Show help for any command or error code",
        define: async () => (await import("../commands/help-definition.ts")).helpDefinition,
      },
      {
        name: "version",
        summary: "Show the version and what this build expects",
        define: async () => (await import("../commands/version-definition.ts")).versionDefinition,
      },
      {
        name: "__complete",
        summary: "Print the words that complete a command line",
        hidden: true,
        define: async () => (await import("../commands/complete-definition.ts")).completeDefinition,
      },
    ],
  },
  globalFlags: [
    {
      name: "format",
      type: "string",
      value: "FORMAT",
      default: "text",
      choices: ["text", "json"],
      summary: "How results and errors are printed",
    },
    { name: "help", short: "h", type: "boolean", summary: "Show help for the command, then exit" },
    {
      name: "log-level",
      type: "string",
      value: "LEVEL",
      default: "warn",
      choices: ["debug", "info", "warn", "error"],
      summary: "Write log lines from this level on to standard error; an integer is taken too",
    },
    {
      name: "workspace-dir",
      type: "string",
      value: "DIR",
      directories: true,
      summary: "Directory of files whose flags are not given",
    },
  ],
};
