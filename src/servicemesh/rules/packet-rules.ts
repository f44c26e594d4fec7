import { PROXY_PORT, PROXY_PORT_WITHOUT_CLIENT_AUTH } from "../annotation-keys.ts";
import type { MeshConfig } from "../mesh-config.ts";
import type { Protection } from "../protection.ts";

/** Version of IP: `iptables` or `ip6tables`. */
export type IpFamily = "ipv4" | "ipv6";

/** A rule that is appended to a chain, in the words of iptables. */
export interface PacketRule {
  readonly family: IpFamily;
  readonly table: "mangle" | "filter";
  readonly chain: string;
  /** What the rule is about, such as `-p tcp --dport 8080`, one word each. */
  readonly match: readonly string[];
  /** What is behind `-j`, such as `TPROXY --on-port 15006`, one word each. */
  readonly target: readonly string[];
}

/** First chain of what arrives: what is not redirected returns from here. */
const INBOUND_CHAIN = "CONTRAST_INBOUND";
/** Chain that decides which listener of the proxy a connection goes to. */
const REDIRECT_CHAIN = "CONTRAST_IN_REDIRECT";
/** Chain for what the proxy cannot protect. */
const REFUSE_CHAIN = "CONTRAST_REFUSE";
/** Chain that is there only while the others could not be installed. */
const EMERGENCY_CHAIN = "CONTRAST_EMERGENCY";

const TCP = ["-p", "tcp"];
const LOOPBACK = ["-i", "lo"];
/**
 * A first packet is no answer. Connection tracking still counts it as part of a connection that it takes for open, as one
 * whose end the client let pass in silence: the packet would go past the proxy, to whoever listens on that port.
 *
 * @see linux `net/netfilter/nf_conntrack_proto_tcp.c`, TCP_CONNTRACK_IGNORE
 */
const FIRST = "--syn";
const ANSWERS = ["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"];
// Without it, IPv6 finds no neighbours and paths of smaller packets break.
const ICMP = { ipv4: ["-p", "icmp"], ipv6: ["-p", "ipv6-icmp"] } as const;

/**
 * The packet-filter rules of a pod, in the order in which they are installed. Without more protection than version 1.4
 * gives, they are about TCP over IPv4 only.
 *
 * What is refused is dropped, and an answer to what the pod itself has sent never is.
 *
 * @see edgelesssys/contrast `service-mesh/iptables.go`
 */
export function packetRules(config: MeshConfig, { ipv6, udp }: Protection): readonly PacketRule[] {
  const rules = redirectRules("ipv4", config);
  if (udp === "refuse") rules.push(...refuseRules("ipv4", true));
  if (ipv6 === "protect") rules.push(...redirectRules("ipv6", config));
  if (ipv6 === "refuse" || udp === "refuse") rules.push(...refuseRules("ipv6", ipv6 !== "refuse"));
  return rules;
}

/**
 * What holds where the other rules could not be installed: nothing new gets in. It needs no part of the kernel that the
 * other rules may have failed for, so with `udp` "refuse" answers to datagrams are dropped too.
 */
export function emergencyRules(family: IpFamily, udp: Protection["udp"]): readonly PacketRule[] {
  const rule = filterRules(family);
  const others = [rule(EMERGENCY_CHAIN, TCP, "RETURN"), rule(EMERGENCY_CHAIN, ICMP[family], "RETURN")];
  return [
    rule("INPUT", [], EMERGENCY_CHAIN),
    rule(EMERGENCY_CHAIN, LOOPBACK, "RETURN"),
    rule(EMERGENCY_CHAIN, [...TCP, FIRST], "DROP"),
    ...(udp === "refuse" ? [...others, rule(EMERGENCY_CHAIN, [], "DROP")] : []),
  ];
}

/** New TCP connections from outside go to the proxy, but for ports whose TLS is disabled. */
function redirectRules(family: IpFamily, { ingress }: MeshConfig): PacketRule[] {
  const rule = (chain: string, match: readonly string[], ...target: string[]): PacketRule => ({
    family,
    table: "mangle",
    chain,
    match: [...TCP, ...match],
    target,
  });
  const toProxy = (port: number): string[] => ["TPROXY", "--on-port", String(port)];
  return [
    rule("PREROUTING", [], INBOUND_CHAIN),
    rule(INBOUND_CHAIN, LOOPBACK, "RETURN"),
    rule(INBOUND_CHAIN, ["!", FIRST, ...ANSWERS], "RETURN"),
    rule(INBOUND_CHAIN, [], REDIRECT_CHAIN),
    ...ingress.map(({ port, disableTls }) =>
      rule(
        REDIRECT_CHAIN,
        ["--dport", String(port)],
        ...(disableTls ? ["RETURN"] : toProxy(PROXY_PORT_WITHOUT_CLIENT_AUTH)),
      ),
    ),
    rule(REDIRECT_CHAIN, [], ...toProxy(PROXY_PORT)),
  ];
}

/** What is new from outside is dropped, but for ICMP and, where asked for, TCP. */
function refuseRules(family: IpFamily, allowsTcp: boolean): PacketRule[] {
  const rule = filterRules(family);
  return [
    rule("INPUT", [], REFUSE_CHAIN),
    rule(REFUSE_CHAIN, LOOPBACK, "RETURN"),
    ...(allowsTcp ? [] : [rule(REFUSE_CHAIN, [...TCP, FIRST], "DROP")]),
    rule(REFUSE_CHAIN, ANSWERS, "RETURN"),
    rule(REFUSE_CHAIN, ICMP[family], "RETURN"),
    ...(allowsTcp ? [rule(REFUSE_CHAIN, TCP, "RETURN")] : []),
    rule(REFUSE_CHAIN, [], "DROP"),
  ];
}

function filterRules(family: IpFamily): (chain: string, match: readonly string[], target: string) => PacketRule {
  return (chain, match, target) => ({ family, table: "filter", chain, match, target: [target] });
}
