import { describe, expect, test } from "bun:test";
import { packetRules } from "../../../src/servicemesh/rules/packet-rules.ts";
import type { PacketRule } from "../../../src/servicemesh/rules/packet-rules.ts";
import { meshConfig } from "../../fakes/mesh-config.ts";

const INGRESS = "main#8001#false##metrics#8080#true";
const line = ({ family, table, chain, match, target }: PacketRule): string =>
  [family, table, chain, ...match, "->", ...target].join(" ");

const redirect = (family: string): string[] =>
  [
    "PREROUTING -p tcp -> CONTRAST_INBOUND",
    "CONTRAST_INBOUND -p tcp -i lo -> RETURN",
    "CONTRAST_INBOUND -p tcp ! --syn -m conntrack --ctstate RELATED,ESTABLISHED -> RETURN",
    "CONTRAST_INBOUND -p tcp -> CONTRAST_IN_REDIRECT",
    "CONTRAST_IN_REDIRECT -p tcp --dport 8001 -> TPROXY --on-port 15007",
    "CONTRAST_IN_REDIRECT -p tcp --dport 8080 -> RETURN",
    "CONTRAST_IN_REDIRECT -p tcp -> TPROXY --on-port 15006",
  ].map((text) => `${family} mangle ${text}`);

const refuse = (family: string, icmp: string, allowsTcp: boolean): string[] =>
  [
    "INPUT -> CONTRAST_REFUSE",
    "CONTRAST_REFUSE -i lo -> RETURN",
    ...(allowsTcp ? [] : ["CONTRAST_REFUSE -p tcp --syn -> DROP"]),
    "CONTRAST_REFUSE -m conntrack --ctstate RELATED,ESTABLISHED -> RETURN",
    `CONTRAST_REFUSE -p ${icmp} -> RETURN`,
    ...(allowsTcp ? ["CONTRAST_REFUSE -p tcp -> RETURN"] : []),
    "CONTRAST_REFUSE -> DROP",
  ].map((text) => `${family} filter ${text}`);

describe("packetRules()", () => {
  const refuse4 = refuse("ipv4", "icmp", true);
  test.each([
    ["ignore", "ignore", redirect("ipv4")],
    ["refuse", "ignore", [...redirect("ipv4"), ...refuse("ipv6", "ipv6-icmp", false)]],
    ["protect", "ignore", [...redirect("ipv4"), ...redirect("ipv6")]],
    ["ignore", "refuse", [...redirect("ipv4"), ...refuse4, ...refuse("ipv6", "ipv6-icmp", true)]],
    ["refuse", "refuse", [...redirect("ipv4"), ...refuse4, ...refuse("ipv6", "ipv6-icmp", false)]],
    ["protect", "refuse", [...redirect("ipv4"), ...refuse4, ...redirect("ipv6"), ...refuse("ipv6", "ipv6-icmp", true)]],
  ] as const)("has the rules of example A with IPv6 %s and UDP %s", (ipv6, udp, wanted) => {
    expect(packetRules(meshConfig({ ingress: INGRESS }), { ipv6, udp }).map(line)).toEqual([...wanted]);
  });

  test("redirects every port where the ingress list is empty", () => {
    const rules = packetRules(meshConfig({}), { ipv6: "ignore", udp: "ignore" }).map(line);
    expect(rules).toEqual(redirect("ipv4").filter((text) => !text.includes("--dport")));
  });

  test("keeps the order of the annotation", () => {
    const ports = packetRules(meshConfig({ ingress: "a#3#true##b#1#false##c#2#true" }), {
      ipv6: "ignore",
      udp: "ignore",
    }).flatMap(({ match }) => (match.includes("--dport") ? [match.at(-1)] : []));
    expect(ports).toEqual(["3", "1", "2"]);
  });
});
