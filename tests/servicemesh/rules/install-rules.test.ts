import { describe, expect, test } from "bun:test";
import { isEntryRule, renderRestore } from "../../../src/servicemesh/rules/rules-text.ts";
import { type PacketRule, packetRules } from "../../../src/servicemesh/rules/packet-rules.ts";
import { installRules } from "../../../src/servicemesh/rules/install-rules.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { meshConfig } from "../../fakes/mesh-config.ts";
import { recordingPrograms } from "../../fakes/recording-programs.ts";

const MISSING = { "--wait -t mangle -C": 1, "--wait -t filter -C": 1 };
const { signal } = new AbortController();

describe("installRules()", () => {
  test("asks for the rules that lead into our chains and restores both families", async () => {
    const { env, calls } = recordingPrograms({
      iptables: MISSING,
      ip6tables: MISSING,
      "iptables-restore": {},
      "ip6tables-restore": {},
    });
    await installRules(packetRules(meshConfig({}), { ipv6: "protect", udp: "refuse" }), { env, signal });
    expect(calls()).toEqual(
      ["iptables", "ip6tables"].flatMap((program) => [
        `${program} --wait -t mangle -C PREROUTING -p tcp -j CONTRAST_INBOUND`,
        `${program} --wait -t filter -C INPUT -j CONTRAST_REFUSE`,
        `${program}-restore --noflush --wait`,
      ]),
    );
  });

  test.each([
    ["all of them where none is there yet", MISSING, () => true],
    ["all but those that are there already", {}, (rule: PacketRule) => !isEntryRule(rule)],
  ])("restores the rules, %s", async (_title, iptables, isMissing) => {
    const programs = { iptables, "iptables-restore": {} };
    const { env, inputOf } = recordingPrograms(programs, {}, ["iptables-restore"]);
    const rules = packetRules(meshConfig({ ingress: "web#8080#true" }), { ipv6: "ignore", udp: "refuse" });
    const ofIpv4 = rules.filter(({ family }) => family === "ipv4");
    await installRules(ofIpv4, { env, signal });
    expect(inputOf("iptables-restore")).toBe(renderRestore(ofIpv4.filter(isMissing)));
  });

  test("needs nothing for IPv6 where there are no rules for it", async () => {
    const { env, calls } = recordingPrograms({ iptables: MISSING, "iptables-restore": {} });
    await installRules(packetRules(meshConfig({}), { ipv6: "ignore", udp: "ignore" }), { env, signal });
    expect(calls()).toHaveLength(2);
  });

  test.each([
    [{ iptables: {}, "iptables-restore": { "": 2 } }, "servicemesh/rules-failed"],
    [{ iptables: {} }, "lib/program-failed"],
    [{}, "lib/program-failed"],
  ])("fails with %j", async (programs, code) => {
    const { env } = recordingPrograms(programs);
    const rules = packetRules(meshConfig({}), { ipv6: "ignore", udp: "ignore" });
    expect(await codeOfAsync(() => installRules(rules, { env, signal }))).toBe(code);
  });
});
