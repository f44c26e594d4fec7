import { ContrastError } from "../../lib/errors.ts";
import { type ProgramResult, runProgram } from "../../lib/run-program.ts";
import type { IpFamily, PacketRule } from "./packet-rules.ts";
import { iptablesProgram, isEntryRule, renderRestore, ruleWords } from "./rules-text.ts";

/** What the installation uses of its surroundings. */
export interface RuleMeans {
  /** `PATH` finds `iptables`, `iptables-restore` and the same for IPv6. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** The lock is held by nobody for long. */
const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Puts the rules into the packet filter of this network namespace. Each table changes in one step, so that there is no
 * moment in which a part of the rules holds; what others have in the same tables stays. Installing the same rules again
 * changes nothing, and a rule that leads into our chains is there once.
 *
 * @throws ContrastError `servicemesh/rules-failed`, `lib/program-failed`
 * @see iptables-restore(8)
 */
export async function installRules(rules: readonly PacketRule[], means: RuleMeans): Promise<void> {
  for (const [family, members] of Map.groupBy(rules, (rule) => rule.family)) {
    const program = iptablesProgram(family);
    const missing = [];
    for (const rule of members) {
      if (!isEntryRule(rule) || !(await isInstalled(program, rule, means))) missing.push(rule);
    }
    const args = ["--noflush", "--wait"];
    const { exitCode, complaint } = await run(`${program}-restore`, args, renderRestore(missing), means);
    if (exitCode !== 0) throw failed(family, exitCode, complaint);
  }
}

/** Any other answer than yes means no: where the chain is missing, versions of iptables differ in what they say. */
async function isInstalled(program: string, rule: PacketRule, means: RuleMeans): Promise<boolean> {
  const words = ["--wait", "-t", rule.table, "-C", rule.chain, ...ruleWords(rule)];
  const { exitCode } = await run(program, words, "", means);
  return exitCode === 0;
}

function run(name: string, args: readonly string[], input: string, { env, signal }: RuleMeans): Promise<ProgramResult> {
  const bounds = { timeoutMs: TIMEOUT_MS, maxOutputBytes: MAX_OUTPUT_BYTES };
  return runProgram(name, args, { input, env, signal, ...bounds, isHeard: true });
}

function failed(family: IpFamily, exitCode: number, complaint: string | undefined): ContrastError {
  const program = `${iptablesProgram(family)}-restore`;
  const fact = complaint === undefined ? `${program} ended with status ${exitCode}` : `${program}: ${complaint}`;
  return new ContrastError("servicemesh/rules-failed", `Cannot install the packet-filter rules: ${fact}`, {
    hint: "The container needs the capability NET_ADMIN, and the kernel TPROXY and conntrack.",
    details: { family, status: exitCode },
  });
}
