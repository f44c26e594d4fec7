import { iptablesProgram, renderRestore, renderShell } from "../../servicemesh/rules/rules-text.ts";
import type { SidecarPlan } from "../../servicemesh/sidecar-plan.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { resultJson } from "../../terminal/json-result.ts";
import { choiceFlag } from "../choice-flag.ts";

/** Forms of `--print-rules`. */
const RULE_FORMS = ["shell", "restore", "json"] as const;
type RuleForm = (typeof RULE_FORMS)[number];

/** What is printed in place of being done; both parts where only `--dry-run` asks. */
interface PlanRequest {
  readonly config: boolean;
  readonly rules: RuleForm | undefined;
}

/**
 * What the flags ask to print in place of running.
 *
 * @returns undefined where the sidecar is to run
 * @throws UsageError `terminal/invalid-argument` for another form of rules
 */
export function planRequest(flags: ParsedFlags): PlanRequest | undefined {
  if (flags.boolean("dry-run")) return { config: true, rules: "shell" };
  if (flags.isSet("print-rules")) return { config: false, rules: choiceFlag(flags, "print-rules", RULE_FORMS) };
  return flags.boolean("print-config") ? { config: true, rules: undefined } : undefined;
}

/** Prints parts of a plan: for people and programs that take them as they are, or as one JSON result. */
export function printSidecarPlan({ bootstrap, rules }: SidecarPlan, request: PlanRequest, io: Io): void {
  if (io.format === "json") {
    const members = { ...(request.config && { bootstrap }), ...(request.rules !== undefined && { rules }) };
    io.out(resultJson("service-mesh", members));
    return;
  }
  if (request.config) io.write(`${JSON.stringify(bootstrap, undefined, 2)}\n`);
  if (request.rules === "json") io.write(`${JSON.stringify(rules, undefined, 2)}\n`);
  if (request.rules === "shell") for (const line of renderShell(rules)) io.out(line);
  if (request.rules !== "restore") return;
  // Each family has a program of its own; the comment names it, and both programs skip comments.
  for (const [family, members] of Map.groupBy(rules, (rule) => rule.family)) {
    io.write(`# ${iptablesProgram(family)}-restore --noflush\n${renderRestore(members)}`);
  }
}
