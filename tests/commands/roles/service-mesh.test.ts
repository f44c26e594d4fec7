import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serviceMeshDefinition } from "../../../src/commands/roles/service-mesh-definition.ts";
import { IPV6_MODES, UDP_MODES } from "../../../src/servicemesh/protection-modes.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { meshFiles, writeMeshFiles } from "../../fakes/mesh-files.ts";
import { recordIo } from "../../fakes/recorded-io.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const MAIN = join(import.meta.dir, "../../../src/main.ts");

describe("contrast service-mesh", () => {
  test("offers the modes that there are", () => {
    const choicesOf = (name: string) => serviceMeshDefinition.flags?.find((flag) => flag.name === name)?.choices;
    expect([choicesOf("ipv6"), choicesOf("udp")]).toEqual([[...IPV6_MODES], [...UDP_MODES]]);
  });

  test("--dry-run prints the configuration of Envoy and the rules, and reads no files", async () => {
    const io = recordIo({ env: { CONTRAST_INGRESS_PROXY_CONFIG: "web#8080#true", CONTRAST_MESH_IPV6: "protect" } });
    await callCommand(["service-mesh", "--dry-run", "--tls-dir", "/x/"], io);
    const text = io.printed.join("\n");
    expect(text).toContain('"filename": "/x/key.pem"');
    expect(text).toContain("ip6tables --wait -t mangle -A CONTRAST_IN_REDIRECT -p tcp --dport 8080 -j RETURN");
    expect(io.told).toEqual([]);
  });

  test("--dry-run --format json prints both as data", async () => {
    const io = recordIo({ format: "json" });
    await callCommand(["service-mesh", "--dry-run", "--udp", "refuse", "--format", "json"], io);
    const answer = JSON.parse(io.printed.join(""));
    expect(Object.keys(answer)).toEqual(["schema", "ok", "bootstrap", "rules"]);
    expect(answer.schema).toBe("contrast/service-mesh/v1");
    expect(answer.rules.at(-1)).toEqual({
      family: "ipv6",
      table: "filter",
      chain: "CONTRAST_REFUSE",
      match: [],
      target: ["DROP"],
    });
  });

  test("--print-config prints what Envoy would get, and nothing else", async () => {
    const io = recordIo({ env: { CONTRAST_ADMIN_PORT: "9901" } });
    await callCommand(["service-mesh", "--print-config"], io);
    expect(Object.keys(JSON.parse(io.printed.join("")))).toEqual(["admin", "staticResources"]);
  });

  test.each([
    ["shell", "iptables --wait -t mangle -N CONTRAST_INBOUND"],
    ["restore", "# iptables-restore --noflush"],
    ["json", "["],
  ])("--print-rules %s prints the rules, and nothing else", async (form, first) => {
    const io = recordIo({ env: { CONTRAST_INGRESS_PROXY_CONFIG: "web#8080#true" } });
    await callCommand(["service-mesh", `--print-rules=${form}`], io);
    const text = io.printed.join("\n");
    expect(text.split("\n")[0]).toBe(first);
    expect(text).toContain("8080");
    expect(text).not.toContain("staticResources");
  });

  test("--print-rules restore tells both versions of IP apart", async () => {
    const io = recordIo();
    await callCommand(["service-mesh", "--print-rules=restore", "--ipv6=protect"], io);
    const text = io.printed.join("\n");
    expect(text.split("\n").filter((line) => /^[#*]|COMMIT/.test(line))).toEqual([
      "# iptables-restore --noflush",
      "*mangle",
      "COMMIT",
      "# ip6tables-restore --noflush",
      "*mangle",
      "COMMIT",
    ]);
  });

  test("--print-rules --format json has the rules and no configuration", async () => {
    const io = recordIo({ format: "json" });
    await callCommand(["service-mesh", "--print-rules=json", "--format", "json"], io);
    expect(Object.keys(JSON.parse(io.printed.join("")))).toEqual(["schema", "ok", "rules"]);
  });

  test("--print-rules refuses a form that there is not", async () => {
    const call = () => callCommand(["service-mesh", "--print-rules=nft"], recordIo());
    expect(await codeOfAsync(call)).toBe("terminal/invalid-argument");
  });

  test("refuses a mode that there is not", async () => {
    const call = () => callCommand(["service-mesh", "--dry-run", "--udp", "protect"], recordIo());
    expect(await codeOfAsync(call)).toBe("servicemesh/protection-invalid");
  });

  test.skipIf(process.platform !== "linux")("becomes Envoy, with its words", () => {
    const directory = temporaryDirectory();
    const tls = writeMeshFiles(directory, meshFiles(new Date()));
    const envoy = join(directory, "envoy");
    const [configFile, readyFile] = [join(directory, "config.yml"), join(directory, "ready")];
    writeFileSync(envoy, `#!/bin/sh\necho "$$ $*"\ntest -f ${readyFile} && exit 9\n`);
    chmodSync(envoy, 0o755);
    const flags = ["--envoy", envoy, "--tls-dir", tls, "--config-file", configFile, "--ready-file", readyFile];
    const words = ["service-mesh", ...flags, "--no-iptables", "-l", "debug", "--", "--concurrency", "1"];
    const { pid, exitCode, stdout } = Bun.spawnSync([process.execPath, MAIN, ...words]);
    expect(stdout.toString()).toBe(`${pid} -c ${configFile} -l debug --concurrency 1\n`);
    expect(exitCode).toBe(9);
    expect(existsSync(readyFile)).toBe(true);
    expect(JSON.parse(readFileSync(configFile, "utf8"))).toHaveProperty("staticResources");
  });
});
