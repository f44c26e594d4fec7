import type { IpFamily, PacketRule } from "./packet-rules.ts";

/** Chains that the kernel has in every table; all others are ours. */
const BUILT_IN_CHAINS: ReadonlySet<string> = new Set(["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]);

/** Whether a rule is the entry into our chains, which the kernel's chain must hold only once. */
export function isEntryRule({ chain }: PacketRule): boolean {
  return BUILT_IN_CHAINS.has(chain);
}

/** The words of a rule behind `-A CHAIN` or `-C CHAIN`. */
export function ruleWords({ match, target }: PacketRule): readonly string[] {
  return [...match, "-j", ...target];
}

/** The program that one version of IP needs; with `-restore` behind it, the one that reads `renderRestore()`. */
export function iptablesProgram(family: IpFamily): "iptables" | "ip6tables" {
  return family === "ipv4" ? "iptables" : "ip6tables";
}

/**
 * Rules of one version of IP as input of `iptables-restore --noflush`, which puts each table in place at once. Our own
 * chains are emptied and filled in the same step; chains of the kernel keep what is there.
 *
 * @param rules of one family; entry rules (`isEntryRule`) are appended even where they are there already
 */
export function renderRestore(rules: readonly PacketRule[]): string {
  const tables = Map.groupBy(rules, ({ table }) => table);
  return Array.from(tables, ([table, members]) => {
    const chains = ownChains(members).map((chain) => `:${chain} - [0:0]`);
    const appends = members.map((rule) => `-A ${[rule.chain, ...ruleWords(rule)].join(" ")}`);
    return [`*${table}`, ...chains, ...appends, "COMMIT", ""].join("\n");
  }).join("");
}

/** Input of `iptables-restore --noflush` that takes rules of one family and their chains away, which must be there. */
export function renderRemoval(rules: readonly PacketRule[]): string {
  const tables = Map.groupBy(rules, ({ table }) => table);
  return Array.from(tables, ([table, members]) => {
    const chains = ownChains(members);
    const entries = members.filter(isEntryRule).map((rule) => `-D ${[rule.chain, ...ruleWords(rule)].join(" ")}`);
    const emptied = chains.map((chain) => `:${chain} - [0:0]`);
    return [`*${table}`, ...emptied, ...entries, ...chains.map((chain) => `-X ${chain}`), "COMMIT", ""].join("\n");
  }).join("");
}

/** Rules of any family as commands for a shell, one a line, in the order in which they must run. */
export function renderShell(rules: readonly PacketRule[]): readonly string[] {
  const groups = Map.groupBy(rules, ({ family, table }) => `${iptablesProgram(family)} --wait -t ${table}`);
  return Array.from(groups, ([command, members]) => [
    ...ownChains(members).map((chain) => `${command} -N ${chain}`),
    ...members.map((rule) => `${command} -A ${[rule.chain, ...ruleWords(rule)].join(" ")}`),
  ]).flat();
}

function ownChains(rules: readonly PacketRule[]): readonly string[] {
  return [...new Set(rules.filter((rule) => !isEntryRule(rule)).map(({ chain }) => chain))];
}
