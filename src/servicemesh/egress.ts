import { isIPv4, isIPv6 } from "node:net";
import { EGRESS_ANNOTATION, PROXY_PORTS } from "./annotation-keys.ts";
import { splitEntries } from "./entry-list.ts";
import type { EntryReport } from "./field-rules.ts";
import { entryReport, parsePort, refuseSpace } from "./field-rules.ts";
import type { Report } from "./finding.ts";
import type { Ipv6Mode } from "./protection-modes.ts";
import { quoteText } from "../lib/quote-text.ts";

/** A plain-text entry on the loopback interface for one remote that is reached with mutual TLS. */
export interface EgressEntry {
  readonly name: string;
  /** Inside 127.0.0.0/8. */
  readonly listenAddress: string;
  readonly listenPort: number;
  /** DNS name or IP address; IPv6 without brackets. */
  readonly remoteHost: string;
  readonly remotePort: number;
}

// Names that the proxy's configuration gives to its own listeners and clusters.
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "ingress",
  "ingressWithoutClientAuth",
  "IngressCluster",
  "BlackHoleCluster",
]);

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads the egress annotation by the strict rules.
 *
 * @see edgelesssys/contrast `service-mesh/config.go`
 */
export function parseEgress(text: string, report: Report, ipv6: Ipv6Mode): readonly EgressEntry[] {
  const entries: EgressEntry[] = [];
  const names = new Map<string, number>();
  const listeners = new Map<string, number>();
  for (const { number, fields } of splitEntries(text, EGRESS_ANNOTATION, report)) {
    const [name, listenText, remoteText] = fields;
    const say = entryReport(report, EGRESS_ANNOTATION, number);
    const nameOk = checkName(name, number, names, say);
    const listen = parseListen(listenText, say);
    const remote = parseRemote(remoteText, ipv6, say);
    if (!nameOk || listen === undefined || remote === undefined) continue;
    const listener = `${listen.host}:${listen.port}`;
    const earlier = listeners.get(listener);
    if (earlier !== undefined) {
      say.error("servicemesh/listener-twice", `${listener} is the listen address of entry ${earlier} already`);
      continue;
    }
    listeners.set(listener, number);
    const { host: listenAddress, port: listenPort } = listen;
    entries.push({ name, listenAddress, listenPort, remoteHost: remote.host, remotePort: remote.port });
  }
  return entries;
}

function checkName(name: string, number: number, names: Map<string, number>, say: EntryReport): boolean {
  if (refuseSpace(name, "name", say)) return false;
  if (name === "") {
    say.error("servicemesh/name-empty", "the entry has no name; the proxy needs one for each remote");
    return false;
  }
  if (RESERVED_NAMES.has(name)) {
    say.error("servicemesh/name-reserved", `the name ${quoteText(name)} belongs to the proxy itself`);
    return false;
  }
  const earlier = names.get(name);
  if (earlier !== undefined) {
    say.error("servicemesh/name-twice", `the name ${quoteText(name)} stands in entry ${earlier} already`);
    return false;
  }
  names.set(name, number);
  return true;
}

function parseListen(text: string, say: EntryReport): HostAndPort | undefined {
  if (refuseSpace(text, "listen address", say)) return undefined;
  const [, host = "", portText = ""] = /^(.*):([^:]*)$/s.exec(text) ?? [];
  if (!isIPv4(host) || !host.startsWith("127.")) {
    const need = "an IPv4 address inside 127.0.0.0/8 and a port, such as 127.0.0.2:4001";
    say.error("servicemesh/listen-invalid", `invalid listen address: got ${quoteText(text)}, need ${need}`);
    return undefined;
  }
  const port = parsePort(portText, "listen port", say);
  if (port === undefined) return undefined;
  if (PROXY_PORTS.includes(port)) {
    say.error("servicemesh/port-reserved", `listen port ${port} is the proxy's own`);
    return undefined;
  }
  return { host, port };
}

function parseRemote(text: string, ipv6: Ipv6Mode, say: EntryReport): HostAndPort | undefined {
  if (refuseSpace(text, "remote", say)) return undefined;
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/s.exec(text);
  if (parts === null) {
    const hint = isIPv6(text) ? "Put an IPv6 address into brackets." : undefined;
    say.error("servicemesh/remote-invalid", `invalid remote domain: got ${quoteText(text)}, need host:port`, hint);
    return undefined;
  }
  const [, bracketed, plain = "", portText = ""] = parts;
  const host = bracketed ?? plain;
  const port = parsePort(portText, "remote port", say);
  const hostOk = bracketed === undefined ? checkHost(host, say) : checkIpv6(host, ipv6, say);
  return port === undefined || !hostOk ? undefined : { host, port };
}

function checkIpv6(host: string, ipv6: Ipv6Mode, say: EntryReport): boolean {
  if (!isIPv6(host)) {
    say.error(
      "servicemesh/remote-invalid",
      `invalid remote domain: got ${quoteText(`[${host}]`)}, need an IPv6 address`,
    );
    return false;
  }
  if (ipv6 !== "protect") {
    say.warn("servicemesh/remote-ipv6", `${quoteText(host)} is an IPv6 address; the proxy connects over IPv4 only`);
  }
  return true;
}

const LABEL = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;

function checkHost(host: string, say: EntryReport): boolean {
  if (isIPv4(host)) return true;
  const name = host.endsWith(".") ? host.slice(0, -1) : host;
  const labels = name.split(".");
  // A name whose last label is a number would be read as an address.
  const isName =
    name.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? "");
  if (!isName) {
    const need = "a DNS name or an IP address";
    say.error("servicemesh/remote-invalid", `invalid remote domain: got ${quoteText(host)}, need ${need}`);
    return false;
  }
  if (host.includes("_")) {
    say.warn("servicemesh/remote-underscore", `${quoteText(host)} has an underscore, which host names may not have`);
  }
  return true;
}
