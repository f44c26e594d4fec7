import { collateralDefinition } from "../commands/collateral/collateral-definition.ts";
import { completionDefinition } from "../commands/completion-definition.ts";
import { completeDefinition } from "../commands/complete-definition.ts";
import { evidenceDefinition } from "../commands/evidence/evidence-definition.ts";
import { generateDefinition } from "../commands/generate-definition.ts";
import { helpDefinition } from "../commands/help-definition.ts";
import { lintDefinition } from "../commands/lint-definition.ts";
import { manifestDefinition } from "../commands/manifest/manifest-definition.ts";
import { policyDefinition } from "../commands/policy/policy-definition.ts";
import { versionDefinition } from "../commands/version-definition.ts";
import { EXIT_STATUS } from "./exit-status-table.ts";
import { recoverDefinition } from "../commands/coordinator/recover-definition.ts";
import { sandboxDefinition } from "../commands/sandbox/sandbox-definition.ts";
import { setDefinition } from "../commands/coordinator/set-definition.ts";
import { verifyDefinition } from "../commands/coordinator/verify-definition.ts";
import { coordinatorDefinition } from "../commands/roles/coordinator-definition.ts";
import { initializerDefinition } from "../commands/roles/initializer-definition.ts";
import type { Program } from "../terminal/command-definition.ts";

/** Every command of the program. */
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
      generateDefinition,
      lintDefinition,
      setDefinition,
      verifyDefinition,
      recoverDefinition,
      evidenceDefinition,
      collateralDefinition,
      manifestDefinition,
      policyDefinition,
      sandboxDefinition,
      coordinatorDefinition,
      initializerDefinition,
      completionDefinition,
      helpDefinition,
      versionDefinition,
      completeDefinition,
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
      summary: "Least level of log lines on standard error; an integer is taken too",
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
