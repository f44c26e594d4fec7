import { describe, expect, test } from "bun:test";
import type { Finding } from "../../src/servicemesh/finding.ts";
import {
  collectSidecarTexts,
  differingSettings,
  parseSidecarTexts,
  sidecarVariables,
  sidecarVariableTexts,
} from "../../src/servicemesh/sidecar-texts.ts";

const TEXTS = { adminPort: "9901", ingress: "a#80#true", egress: "b#127.0.0.2:1#c:1", ipv6: "refuse", udp: "refuse" };
const NONE = collectSidecarTexts(() => undefined);

function codesOf(texts: typeof NONE): readonly string[] {
  const findings: Finding[] = [];
  parseSidecarTexts(texts, (finding) => findings.push(finding));
  return findings.map(({ code }) => code);
}

describe("collectSidecarTexts()", () => {
  test("puts the text of each annotation under its setting", () => {
    expect(collectSidecarTexts((annotation) => annotation.replace(/^.*\/servicemesh-/, ""))).toEqual({
      adminPort: "admin-interface-port",
      ingress: "ingress",
      egress: "egress",
      ipv6: "ipv6",
      udp: "udp",
    });
  });
});

describe("sidecarVariableTexts()", () => {
  test("reads what sidecarVariables() writes", () => {
    const env = sidecarVariables(TEXTS).map((variable) => ({ ...variable }));
    expect(env).toHaveLength(5);
    expect(sidecarVariableTexts({ env })).toEqual(TEXTS);
  });
  test("takes an empty variable as absent, which none is written for", () => {
    expect(sidecarVariables({ ...NONE, egress: "" })).toEqual([]);
    expect(sidecarVariableTexts({ env: [{ name: "CONTRAST_MESH_IPV6", value: "" }] })).toEqual(NONE);
  });
  test("takes the last of two with one name", () => {
    const env = ["80", "81"].map((port) => ({ name: "CONTRAST_ADMIN_PORT", value: port }));
    expect(sidecarVariableTexts({ env }).adminPort).toBe("81");
  });
  test("passes over what is no variable", () => {
    expect(sidecarVariableTexts({ env: ["CONTRAST_ADMIN_PORT", { name: "CONTRAST_ADMIN_PORT", value: 80 }] })).toEqual(
      NONE,
    );
  });
});

describe("differingSettings()", () => {
  test("names what is not the same, absent and empty being one", () => {
    expect(differingSettings({ ...NONE, egress: "" }, NONE)).toEqual([]);
    expect(differingSettings(TEXTS, { ...TEXTS, udp: "ignore", ingress: undefined })).toEqual(["ingress", "udp"]);
  });
});

describe("parseSidecarTexts()", () => {
  const egress = "b#127.0.0.2:1#[fd00::1]:1";
  test("warns of remotes with an address of IPv6 unless IPv6 is protected", () => {
    expect(codesOf({ ...NONE, egress })).toEqual(["servicemesh/remote-ipv6"]);
    expect(codesOf({ ...NONE, egress, ipv6: "refuse" })).toEqual(["servicemesh/remote-ipv6"]);
    expect(codesOf({ ...NONE, egress, ipv6: "protect" })).toEqual([]);
  });
});
