import { describe, expect, test } from "bun:test";
import { isEntryRule, renderRestore } from "../../../src/servicemesh/rules/rules-text.ts";
import { emergencyRules, type PacketRule, packetRules } from "../../../src/servicemesh/rules/packet-rules.ts";
import { installRules, refuseConnections } from "../../../src/servicemesh/rules/install-rules.ts";
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
    expect(calls()).toEqual([
      ...["iptables", "ip6tables"].flatMap((program) => [
        `${program} --wait -t mangle -C PREROUTING -p tcp -j CONTRAST_INBOUND`,
        `${program} --wait -t filter -C INPUT -j CONTRAST_REFUSE`,
        `${program}-restore --noflush --wait`,
      ]),
      ...["iptables", "ip6tables"].map((program) => `${program} --wait -t filter -C INPUT -j CONTRAST_EMERGENCY`),
    ]);
  });

  test.each([
    ["all of them where none is there yet", MISSING, () => true],
    ["all but those that are there already", {}, (rule: PacketRule) => !isEntryRule(rule)],
  ])("restores the rules, %s", async (_title, iptables, isMissing) => {
    const emergency = { "--wait -t filter -C INPUT -j CONTRAST_EMERGENCY": 1 };
    const programs = { iptables: { ...emergency, ...iptables }, "iptables-restore": {} };
    const { env, inputOf } = recordingPrograms(programs, {}, ["iptables-restore"]);
    const rules = packetRules(meshConfig({ ingress: "web#8080#true" }), { ipv6: "ignore", udp: "refuse" });
    const ofIpv4 = rules.filter(({ family }) => family === "ipv4");
    await installRules(ofIpv4, { env, signal });
    expect(inputOf("iptables-restore")).toBe(renderRestore(ofIpv4.filter(isMissing)));
  });

  test("needs nothing for IPv6 where there are no rules for it", async () => {
    const { env, calls } = recordingPrograms({ iptables: MISSING, "iptables-restore": {} });
    await installRules(packetRules(meshConfig({}), { ipv6: "ignore", udp: "ignore" }), { env, signal });
    expect(calls()).toHaveLength(3);
  });

  test("takes away what refused everything, behind the rules of all families", async () => {
    const { env, calls, inputOf } = recordingPrograms(
      {
        iptables: { "--wait -t mangle -C": 1 },
        ip6tables: { "--wait -t mangle -C": 1 },
        "iptables-restore": {},
        "ip6tables-restore": {},
      },
      {},
      ["iptables-restore", "ip6tables-restore"],
    );
    const rules = packetRules(meshConfig({}), { ipv6: "protect", udp: "ignore" });
    await installRules(rules, { env, signal });
    const removal =
      "*filter\n:CONTRAST_EMERGENCY - [0:0]\n-D INPUT -j CONTRAST_EMERGENCY\n-X CONTRAST_EMERGENCY\nCOMMIT\n";
    for (const [family, program] of [
      ["ipv4", "iptables-restore"],
      ["ipv6", "ip6tables-restore"],
    ] as const) {
      const own = rules.filter((rule) => rule.family === family);
      expect(inputOf(program)).toBe(renderRestore(own) + removal);
    }
    const restored = calls().flatMap((call) => (call.includes("-restore") ? [call.split("-")[0]] : []));
    expect(restored).toEqual(["iptables", "ip6tables", "iptables", "ip6tables"]);
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

describe("refuseConnections()", () => {
  test("closes every family that it can, and says which", async () => {
    const programs = { iptables: MISSING, "iptables-restore": {}, ip6tables: MISSING, "ip6tables-restore": { "": 1 } };
    const { env, inputOf } = recordingPrograms(programs, {}, ["iptables-restore"]);
    expect(await refuseConnections(new Set(["ipv6", "ipv4"]), "ignore", env)).toEqual(["ipv4"]);
    expect(inputOf("iptables-restore")).toBe(renderRestore(emergencyRules("ipv4", "ignore")));
  });

  test("lets datagrams in no more than connections where UDP is to be refused", () => {
    expect(renderRestore(emergencyRules("ipv4", "ignore"))).toEndWith("--syn -j DROP\nCOMMIT\n");
    expect(renderRestore(emergencyRules("ipv6", "refuse"))).toEndWith(
      ["-p tcp -j RETURN", "-p ipv6-icmp -j RETURN", "-j DROP"]
        .map((words) => `-A CONTRAST_EMERGENCY ${words}\n`)
        .join("") + "COMMIT\n",
    );
  });
});
