import { ContrastError } from "../../lib/errors.ts";
import { type ProgramResult, runProgram } from "../../lib/run-program.ts";
import type { UdpMode } from "../protection-modes.ts";
import { emergencyRules, type IpFamily, type PacketRule } from "./packet-rules.ts";
import { iptablesProgram, isEntryRule, renderRemoval, renderRestore, ruleWords } from "./rules-text.ts";

/** What the installation uses of its surroundings. */
export interface RuleMeans {
  /** `PATH` finds `iptables`, `iptables-restore` and the same for IPv6. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** The lock is held by nobody for long. */
const TIMEOUT_MS = 60_000;
/** Whoever ends a container that fails waits for 30 seconds. */
const EMERGENCY_TIMEOUT_MS = 5000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Puts the rules into the packet filter of this network namespace. Each table changes in one step, so that there is no
 * moment in which a part of its rules holds; what others have in the same tables stays. Installing the same rules again
 * changes nothing, and a rule that leads into our chains is there once.
 *
 * Rules of an earlier `refuseConnections()` go only when all others are there.
 *
 * @throws ContrastError `servicemesh/rules-failed`, `lib/program-failed`
 * @see iptables-restore(8)
 */
export async function installRules(rules: readonly PacketRule[], means: RuleMeans): Promise<void> {
  const families = Map.groupBy(rules, (rule) => rule.family);
  for (const [family, members] of families) await installFamily(family, members, means);
  for (const family of families.keys()) {
    const emergency = emergencyRules(family, "ignore");
    const [entry] = emergency;
    if (entry === undefined || !(await isInstalled(iptablesProgram(family), entry, means))) continue;
    await restore(family, renderRemoval(emergency), means);
  }
}

async function installFamily(family: IpFamily, rules: readonly PacketRule[], means: RuleMeans): Promise<void> {
  const program = iptablesProgram(family);
  const missing = [];
  for (const rule of rules) {
    if (!isEntryRule(rule) || !(await isInstalled(program, rule, means))) missing.push(rule);
  }
  await restore(family, renderRestore(missing), means);
}

/**
 * Lets nothing new in after `installRules()` failed, so that a part of the rules never leaves the rest open. The next
 * `installRules()` that succeeds lets in again. Not even a request to end stops it.
 *
 * @param families those that there were rules for
 * @returns the families that could be closed
 */
export async function refuseConnections(
  families: ReadonlySet<IpFamily>,
  udp: UdpMode,
  env: RuleMeans["env"],
): Promise<readonly IpFamily[]> {
  const closed: IpFamily[] = [];
  for (const family of families) {
    const means = { env, signal: AbortSignal.timeout(EMERGENCY_TIMEOUT_MS) };
    const isClosed = await installFamily(family, emergencyRules(family, udp), means).then(
      () => true,
      () => false,
    );
    if (isClosed) closed.push(family);
  }
  return closed;
}

async function restore(family: IpFamily, input: string, means: RuleMeans): Promise<void> {
  const { exitCode, complaint } = await run(
    `${iptablesProgram(family)}-restore`,
    ["--noflush", "--wait"],
    input,
    means,
  );
  if (exitCode !== 0) throw failed(family, exitCode, complaint);
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
