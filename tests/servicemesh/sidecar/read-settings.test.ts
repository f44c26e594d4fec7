import { describe, expect, test } from "bun:test";
import { ProblemsError } from "../../../src/lib/problems.ts";
import { readSidecarSettings } from "../../../src/servicemesh/sidecar/read-settings.ts";
import { codeOf } from "../../fakes/error-code.ts";

describe("readSidecarSettings()", () => {
  test("is the empty configuration of version 1.4 without variables, and with empty ones", () => {
    const wanted = {
      config: { ingress: [], egress: [], adminPort: undefined },
      protection: { ipv6: "ignore", udp: "ignore" },
      warnings: [],
    };
    expect(readSidecarSettings({})).toEqual(wanted as never);
    const empty = {
      CONTRAST_ADMIN_PORT: "",
      CONTRAST_INGRESS_PROXY_CONFIG: "",
      CONTRAST_EGRESS_PROXY_CONFIG: "",
      CONTRAST_MESH_IPV6: "",
      CONTRAST_MESH_UDP: "",
    };
    expect(readSidecarSettings(empty)).toEqual(wanted as never);
  });

  test("reads each variable", () => {
    const { config, protection } = readSidecarSettings({
      CONTRAST_ADMIN_PORT: "9901",
      CONTRAST_INGRESS_PROXY_CONFIG: "a#80#true",
      CONTRAST_EGRESS_PROXY_CONFIG: "b#127.0.0.2:81#c:82",
      CONTRAST_MESH_IPV6: "protect",
      CONTRAST_MESH_UDP: "refuse",
    });
    expect(config).toMatchObject({ adminPort: 9901, ingress: [{ port: 80 }], egress: [{ remotePort: 82 }] });
    expect(protection).toEqual({ ipv6: "protect", udp: "refuse" });
  });

  test.each(["ignore", "refuse", "protect"])("knows the IPv6 mode %s", (mode) => {
    expect(readSidecarSettings({ CONTRAST_MESH_IPV6: mode }).protection.ipv6).toBe(mode as never);
  });

  test.each(["ignore", "refuse"])("knows the UDP mode %s", (mode) => {
    expect(readSidecarSettings({ CONTRAST_MESH_UDP: mode }).protection.udp).toBe(mode as never);
  });

  test("prefers what flags say", () => {
    const env = { CONTRAST_MESH_IPV6: "protect", CONTRAST_MESH_UDP: "refuse" };
    expect(readSidecarSettings(env, { ipv6: "ignore", udp: "ignore" }).protection).toEqual({
      ipv6: "ignore",
      udp: "ignore",
    });
  });

  test.each(["ipv6", "udp"] as const)("refuses an unknown word for %s", (name) => {
    expect(codeOf(() => readSidecarSettings({}, { [name]: "off" }))).toBe("servicemesh/protection-invalid");
  });

  test("tells an error of a flag with the name of the flag", () => {
    try {
      readSidecarSettings({ CONTRAST_MESH_IPV6: "protect" }, { ipv6: "off", udp: "off" });
      expect.unreachable();
    } catch (error) {
      const problems = error instanceof ProblemsError ? error.problems : [];
      expect(problems.map(({ message }) => message.split(":")[0])).toEqual(["--ipv6", "--udp"]);
    }
  });

  test("tells every error with the name of its variable", () => {
    const env = { CONTRAST_INGRESS_PROXY_CONFIG: "a#0#true", CONTRAST_MESH_UDP: "protect", CONTRAST_ADMIN_PORT: "x" };
    try {
      readSidecarSettings(env);
      expect.unreachable();
    } catch (error) {
      const problems = error instanceof ProblemsError ? error.problems : [];
      expect(new Set(problems.map(({ message }) => message.split(":")[0] ?? ""))).toEqual(new Set(Object.keys(env)));
    }
  });

  test("warns of an IPv6 remote unless IPv6 is protected", () => {
    const env = { CONTRAST_EGRESS_PROXY_CONFIG: "b#127.0.0.2:81#[fd00::1]:82" };
    expect(readSidecarSettings(env).warnings.map(({ code }) => code)).toEqual(["servicemesh/remote-ipv6"]);
    expect(readSidecarSettings(env, { ipv6: "protect" }).warnings).toEqual([]);
  });
});
