import type { CommandDefinition } from "../../terminal/command-definition.ts";
import { policyDiffDefinition } from "./policy-diff-definition.ts";
import { policyEvalDefinition } from "./policy-eval-definition.ts";
import { policyExplainDefinition } from "./policy-explain-definition.ts";
import { policyRecordDefinition } from "./policy-record-definition.ts";
import { policyShowDefinition } from "./policy-show-definition.ts";
import { policyTestDefinition } from "./policy-test-definition.ts";

/** `contrast policy`: everything about policies beside making them. */
export const policyDefinition: CommandDefinition = {
  name: "policy",
  summary: "Show, compare, explain and test execution policies",
  examples: [
    { comment: "What may the host do with my pods?", command: "contrast policy show resources/" },
    { comment: "What does a new policy newly allow?", command: "contrast policy diff deployed/ resources/" },
    {
      comment: "Why does a pod not start?",
      command: "kubectl describe pod web-0 | contrast policy explain --policy resources/",
    },
  ],
  subcommands: [
    policyShowDefinition,
    policyDiffDefinition,
    policyExplainDefinition,
    policyRecordDefinition,
    policyTestDefinition,
    policyEvalDefinition,
  ],
};
