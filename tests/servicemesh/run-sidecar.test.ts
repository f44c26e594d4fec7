import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Replacement } from "../../src/lib/replace-program.ts";
import { renderBootstrap } from "../../src/servicemesh/bootstrap/render-bootstrap.ts";
import type { Ipv6Mode, UdpMode } from "../../src/servicemesh/protection-modes.ts";
import { runSidecar, type SidecarMeans, type SidecarPlaces } from "../../src/servicemesh/run-sidecar.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { meshConfig } from "../fakes/mesh-config.ts";
import { meshFiles, writeMeshFiles } from "../fakes/mesh-files.ts";
import { recordingPrograms } from "../fakes/recording-programs.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";

const NOW = new Date("2026-01-02T12:00:00Z");
const FILES = meshFiles(NOW);
const MISSING = { "--wait -t mangle -C": 1, "--wait -t filter -C": 1 };
const PROGRAMS = {
  envoy: {},
  iptables: MISSING,
  ip6tables: MISSING,
  "iptables-restore": {},
  "ip6tables-restore": {},
};

interface Scene {
  readonly ipv6?: Ipv6Mode;
  readonly udp?: UdpMode;
  readonly places?: Partial<SidecarPlaces>;
  readonly means?: Partial<SidecarMeans>;
  readonly programs?: Parameters<typeof recordingPrograms>[0];
}

function scene({ ipv6 = "ignore", udp = "ignore", places, means, programs = PROGRAMS }: Scene = {}) {
  const directory = temporaryDirectory();
  const { env, calls } = recordingPrograms(programs);
  const log = recordLog();
  const started: Replacement[] = [];
  const steps: string[] = [];
  const signals: string[] = [];
  const configFile = join(directory, "envoy-config.yml");
  const readyFile = join(directory, "ready");
  const lockDirectory = join(directory, "run");
  const config = meshConfig({ ingress: "web#8080#true" });
  const tlsDirectory = writeMeshFiles(directory, FILES);
  const run = (): Promise<number> =>
    runSidecar(
      config,
      { ipv6, udp, tlsDirectory },
      {
        envoy: "envoy",
        envoyArgs: ["-l", "debug"],
        configFile,
        readyFile,
        lockDirectory,
        installsRules: true,
        ...places,
      },
      {
        env,
        log,
        now: () => NOW,
        signal: new AbortController().signal,
        ipv6: { isThere: true, reachable: [] },
        flush: async () => void steps.push(`flush, ready: ${existsSync(readyFile)}, programs: ${calls().length}`),
        replaceProgram: async (replacement) => {
          steps.push("replace");
          started.push(replacement);
          return "unavailable";
        },
        runAttached: async (name, args, { forwarded = [] }) => {
          steps.push(`attached ${[name, ...args].join(" ")}`);
          signals.push(...forwarded);
          return 143;
        },
        ...means,
      },
    );
  return { run, env, calls, log, started, steps, signals, configFile, readyFile, lockDirectory, config, tlsDirectory };
}

describe("runSidecar()", () => {
  test("writes the configuration, then the rules, then the marker, then becomes Envoy", async () => {
    const { run, env, calls, started, steps, configFile, readyFile, config, tlsDirectory } = scene();
    expect(await run()).toBe(143);
    const envoy = join(env["PATH"] ?? "", "envoy");
    const args = ["-c", configFile, "-l", "debug"];
    expect(steps).toEqual(["flush, ready: true, programs: 3", "replace", `attached ${[envoy, ...args].join(" ")}`]);
    expect(started).toEqual([{ path: envoy, args, env }]);
    expect(calls().map((call) => call.split(" ")[0])).toEqual(["iptables", "iptables-restore", "iptables"]);
    expect(JSON.parse(readFileSync(configFile, "utf8"))).toEqual(
      renderBootstrap(config, { tlsDirectory, ipv6: "ignore" }),
    );
    for (const file of [configFile, readyFile]) expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(statSync(readyFile).size).toBe(0);
  });

  test("leaves no marker where the rules could not be installed, not even an old one", async () => {
    const { run, readyFile, started } = scene({ programs: { ...PROGRAMS, "iptables-restore": { "": 1 } } });
    writeFileSync(readyFile, "");
    expect(await codeOfAsync(run)).toBe("servicemesh/rules-failed");
    expect(existsSync(readyFile)).toBe(false);
    expect(started).toEqual([]);
  });

  test("lets nothing in over any version of IP where the rules of one fail", async () => {
    const programs = { ...PROGRAMS, "ip6tables-restore": { "": 1 } };
    const { run, calls, log } = scene({ ipv6: "protect", programs });
    expect(await codeOfAsync(run)).toBe("servicemesh/rules-failed");
    const afterwards = calls().slice(calls().lastIndexOf("iptables --wait -t filter -C INPUT -j CONTRAST_EMERGENCY"));
    expect(afterwards).toEqual([
      "iptables --wait -t filter -C INPUT -j CONTRAST_EMERGENCY",
      "iptables-restore --noflush --wait",
      "ip6tables --wait -t filter -C INPUT -j CONTRAST_EMERGENCY",
      "ip6tables-restore --noflush --wait",
    ]);
    expect(log.lines.at(-1)).toStartWith("error new connections could not be refused");
    expect(log.lines.at(-1)).toContain("ipv6");
  });

  test("finds everything that is missing before it touches the packet filter", async () => {
    const withoutEnvoy = scene({ places: { envoy: "no-such-envoy" } });
    expect(await codeOfAsync(withoutEnvoy.run)).toBe("servicemesh/envoy-missing");
    expect(withoutEnvoy.calls()).toEqual([]);
    const withoutKey = scene();
    rmSync(join(withoutKey.tlsDirectory, "key.pem"));
    expect(await codeOfAsync(withoutKey.run)).toBe("servicemesh/tls-file-missing");
    expect(withoutKey.calls()).toEqual([]);
  });

  test("does not run an Envoy that nobody may run", async () => {
    const { run, env } = scene();
    chmodSync(join(env["PATH"] ?? "", "envoy"), 0o644);
    expect(await codeOfAsync(run)).toBe("servicemesh/envoy-missing");
  });

  test("leaves the packet filter alone where it shall", async () => {
    const { run, calls, readyFile } = scene({ places: { installsRules: false } });
    await run();
    expect(calls()).toEqual([]);
    expect(existsSync(readyFile)).toBe(true);
  });

  test("starts nothing after it was asked to end", async () => {
    const { run, started } = scene({ means: { signal: AbortSignal.abort(new Error("asked to end")) } });
    expect(await run().catch(() => "ended")).toBe("ended");
    expect(started).toEqual([]);
  });

  test("starts nothing where it is asked to end at the last moment", async () => {
    const controller = new AbortController();
    const flush = async (): Promise<void> => controller.abort(new Error("asked to end"));
    const { run, started, steps } = scene({ means: { signal: controller.signal, flush } });
    expect(await run().catch(() => "ended")).toBe("ended");
    expect(started).toEqual([]);
    expect(steps).toEqual([]);
  });

  test("hands on every signal that means something to Envoy where that is a child, and says that it is", async () => {
    const { run, signals, log } = scene();
    await run();
    expect(signals.toSorted()).toEqual(["SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]);
    expect(log.lines.filter((line) => line.startsWith("warn "))).toHaveLength(1);
  });

  test("makes the directory of the lock of iptables, unless the lock is elsewhere", async () => {
    const usual = scene();
    await usual.run();
    expect(statSync(usual.lockDirectory).isDirectory()).toBe(true);
    const { env } = usual;
    const elsewhere = scene({ means: { env: { ...env, XTABLES_LOCKFILE: "/elsewhere/xtables.lock" } } });
    await elsewhere.run();
    expect(existsSync(elsewhere.lockDirectory)).toBe(false);
  });

  test("leaves it to iptables to complain where there can be no lock", async () => {
    const { run, readyFile } = scene({ places: { lockDirectory: "/no-such-directory/run" } });
    await run();
    expect(existsSync(readyFile)).toBe(true);
  });

  test.each([
    ["ignore", ["fd00"], 1],
    ["ignore", [], 0],
    ["refuse", ["fd00"], 0],
    ["protect", ["fd00"], 0],
  ] as const)("with IPv6 mode %s and addresses %j, warns %d times", async (ipv6, reachable, count) => {
    const { run, log } = scene({ ipv6, means: { ipv6: { isThere: true, reachable } } });
    await run();
    const warnings = log.lines.filter((line) => line.startsWith("warn connections over IPv6"));
    expect(warnings).toHaveLength(count);
  });

  test("does nothing about IPv6 where the kernel has none", async () => {
    const { run, calls, configFile } = scene({
      ipv6: "protect",
      udp: "refuse",
      means: { ipv6: { isThere: false, reachable: [] } },
    });
    await run();
    expect(calls().filter((call) => call.startsWith("ip6"))).toEqual([]);
    expect(readFileSync(configFile, "utf8")).not.toContain('"::"');
  });
});
