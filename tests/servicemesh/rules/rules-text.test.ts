import { describe, expect, test } from "bun:test";
import { packetRules } from "../../../src/servicemesh/rules/packet-rules.ts";
import { isEntryRule, renderRestore, renderShell } from "../../../src/servicemesh/rules/rules-text.ts";
import { meshConfig } from "../../fakes/mesh-config.ts";

const rules = packetRules(meshConfig({ ingress: "main#8001#false" }), { ipv6: "refuse", udp: "refuse" });

const MANGLE = [
  "*mangle",
  ":CONTRAST_INBOUND - [0:0]",
  ":CONTRAST_IN_REDIRECT - [0:0]",
  "-A PREROUTING -p tcp -j CONTRAST_INBOUND",
  "-A CONTRAST_INBOUND -p tcp -i lo -j RETURN",
  "-A CONTRAST_INBOUND -p tcp ! --syn -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
  "-A CONTRAST_INBOUND -p tcp -j CONTRAST_IN_REDIRECT",
  "-A CONTRAST_IN_REDIRECT -p tcp --dport 8001 -j TPROXY --on-port 15007",
  "-A CONTRAST_IN_REDIRECT -p tcp -j TPROXY --on-port 15006",
  "COMMIT",
];

describe("renderRestore()", () => {
  test("puts each table into one transaction", () => {
    const text = renderRestore(rules.filter(({ family }) => family === "ipv4"));
    expect(text.split("\n")).toEqual([
      ...MANGLE,
      "*filter",
      ":CONTRAST_REFUSE - [0:0]",
      "-A INPUT -j CONTRAST_REFUSE",
      "-A CONTRAST_REFUSE -i lo -j RETURN",
      "-A CONTRAST_REFUSE -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
      "-A CONTRAST_REFUSE -p icmp -j RETURN",
      "-A CONTRAST_REFUSE -p tcp -j RETURN",
      "-A CONTRAST_REFUSE -j DROP",
      "COMMIT",
      "",
    ]);
  });

  test("is empty without rules", () => {
    expect(renderRestore([])).toBe("");
  });
});

describe("renderShell()", () => {
  test("makes chains before their rules, family by family", () => {
    const lines = renderShell(rules);
    expect(lines.slice(0, 3)).toEqual([
      "iptables --wait -t mangle -N CONTRAST_INBOUND",
      "iptables --wait -t mangle -N CONTRAST_IN_REDIRECT",
      "iptables --wait -t mangle -A PREROUTING -p tcp -j CONTRAST_INBOUND",
    ]);
    expect(lines.slice(-7)).toEqual([
      "ip6tables --wait -t filter -N CONTRAST_REFUSE",
      "ip6tables --wait -t filter -A INPUT -j CONTRAST_REFUSE",
      "ip6tables --wait -t filter -A CONTRAST_REFUSE -i lo -j RETURN",
      "ip6tables --wait -t filter -A CONTRAST_REFUSE -p tcp --syn -j DROP",
      "ip6tables --wait -t filter -A CONTRAST_REFUSE -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN",
      "ip6tables --wait -t filter -A CONTRAST_REFUSE -p ipv6-icmp -j RETURN",
      "ip6tables --wait -t filter -A CONTRAST_REFUSE -j DROP",
    ]);
  });
});

describe("isEntryRule()", () => {
  test.each([
    ["PREROUTING", true],
    ["INPUT", true],
    ["FORWARD", true],
    ["OUTPUT", true],
    ["POSTROUTING", true],
    ["CONTRAST_INBOUND", false],
  ])("of the chain %s: %p", (chain, isEntry) => {
    expect(isEntryRule({ family: "ipv4", table: "mangle", chain, match: [], target: ["ACCEPT"] })).toBe(isEntry);
  });
});
