import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { observeEvidence } from "../../../src/attestation/atls/observe.ts";
import { openHistory } from "../../../src/coordinator/history/history.ts";
import { nodeDisk } from "../../../src/lib/disk.ts";
import { encodeGuest } from "../../../src/simulator/guest.ts";
import { saveMachine } from "../../../src/simulator/machine.ts";
import type { Io } from "../../../src/terminal/io.ts";
import { callCommand } from "../../fakes/call-command.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { setManifest } from "../../fakes/history-scenario.ts";
import { type RecordedIo, recordIo } from "../../fakes/recorded-io.ts";
import { MACHINE_TIME, testMachine } from "../../fakes/simulated-machines.ts";
import { temporaryDirectory } from "../../fakes/temporary-directory.ts";

const directory = temporaryDirectory();
const GUEST = join(directory, "guest.json");
const ROOTS = join(directory, "roots.pem");
const LOOPBACK = ["--user-api-addr", "127.0.0.1:0", "--mesh-api-addr", "127.0.0.1:0", "--state-device="];

async function placeGuest(): Promise<void> {
  if (existsSync(GUEST)) return;
  const machine = await testMachine("snp-milan");
  await saveMachine(machine, join(directory, "machine"));
  writeFileSync(ROOTS, machine.rootsPem);
  writeFileSync(GUEST, encodeGuest({ machine: "machine", guest: { policyHash: new Uint8Array(32) } }));
}

interface Run {
  readonly io: RecordedIo;
  /** Of the user API, the mesh API and those over HTTP. */
  readonly ports: Readonly<Record<"userApi" | "meshApi" | "http", string>>;
  readonly stop: () => Promise<void>;
}

/** Starts a Coordinator as the program does, and waits until it listens. */
async function start(words: readonly string[], change: Partial<Io> = {}): Promise<Run> {
  await placeGuest();
  const controller = new AbortController();
  const listening = Promise.withResolvers<string>();
  const told: string[] = [];
  const io = recordIo({
    now: () => MACHINE_TIME,
    signal: controller.signal,
    err: (line) => {
      told.push(line);
      if (line.includes("Coordinator is listening")) listening.resolve(line);
    },
    ...change,
  });
  const trust = ["--insecure-simulated-guest", GUEST, "--insecure-trust-roots", ROOTS, "--offline"];
  const running = callCommand(["coordinator", "--state-dir", join(directory, "history"), ...trust, ...words], io);
  const line = await Promise.race([listening.promise, running.then(() => "")]);
  const port = (name: string): string => new RegExp(`${name}="?([\\d,]+)`).exec(line)?.[1] ?? "";
  return {
    io: { ...io, told },
    ports: { userApi: port("userApi"), meshApi: port("meshApi"), http: port("http") },
    stop: async () => {
      controller.abort();
      await running;
    },
  };
}

async function statusOf(port: string, path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
}

describe("contrast coordinator", () => {
  test("proves itself, tells its state, and stops in order when asked", async () => {
    const { io, ports, stop } = await start([...LOOPBACK, "--metrics-addr", "127.0.0.1:0"]);
    const endpoint = { host: "127.0.0.1", port: Number(ports.userApi) };
    const observed = await observeEvidence({ endpoint, now: MACHINE_TIME, signal: new AbortController().signal });
    expect(observed.presented.map(({ oid }) => oid)).toEqual(["1.3.9901.2.1"]);
    const mesh = observeEvidence({
      endpoint: { ...endpoint, port: Number(ports.meshApi) },
      now: MACHINE_TIME,
      signal: new AbortController().signal,
    });
    // Without a manifest nobody is admitted to the mesh API.
    expect(await codeOfAsync(() => mesh)).toBe("atls/handshake-refused");
    const paths = ["/probe/startup", "/probe/liveness", "/probe/readiness", "/metrics"];
    expect(await Promise.all(paths.map((path) => statusOf(ports.http, path)))).toEqual([200, 200, 503, 200]);
    await stop();
    const texts = io.told.map((line) => /msg="?([^"]*)"?/.exec(line)?.[1]).filter((text) => text?.startsWith("Coord"));
    expect(texts).toEqual([
      "Coordinator started",
      "Coordinator is listening",
      "Coordinator is stopping",
      "Coordinator stopped",
    ]);
    expect(io.told.some((line) => line.startsWith("WARNING: the evidence of this program"))).toBeTrue();
  });

  test("says what it waits for, and that its history is damaged", async () => {
    const damaged = join(directory, "damaged");
    mkdirSync(join(damaged, "transitions"), { recursive: true });
    writeFileSync(join(damaged, "transitions", "latest"), "nonsense");
    const known = join(directory, "known");
    await setManifest(await openHistory(known, nodeDisk), undefined, "manifest");
    const waits = {
      [join(directory, "empty")]: 'level=INFO msg="waiting for the first manifest"',
      [known]: 'level=WARN msg="waiting for recovery',
      [damaged]: 'level=ERROR msg="the history cannot be read"',
    };
    for (const [path, line] of Object.entries(waits)) {
      const { io, stop } = await start([...LOOPBACK, "--state-dir", path]);
      await stop();
      expect(io.told.join("\n")).toContain(line);
    }
  });

  test("takes from the environment what flags do not say", async () => {
    const env = {
      CONTRAST_USER_API_ADDR: "127.0.0.1:0",
      CONTRAST_MESH_API_ADDR: "127.0.0.1:0",
      CONTRAST_STATE_DEVICE: "",
      CONTRAST_METRICS_ADDR: "127.0.0.1:0",
      CONTRAST_PROBE_ADDR: "127.0.0.1:0",
    };
    const { ports, stop } = await start([], { env });
    const [metrics = "", probes = ""] = ports.http.split(",");
    expect([await statusOf(metrics, "/metrics"), await statusOf(probes, "/metrics")]).toEqual([200, 404]);
    expect(await statusOf(probes, "/probe/startup")).toBe(200);
    await stop();
  });

  // The whole of 127.0.0.0/8 is loopback on Linux only.
  test.if(process.platform === "linux")("serves metrics on all interfaces at the port that 1.4 knows", async () => {
    const { ports: taken, stop: free } = await start([...LOOPBACK, "--metrics-addr", "127.0.0.1:0"]);
    await free();
    const { ports, stop } = await start(LOOPBACK, { env: { CONTRAST_METRICS_PORT: taken.http } });
    expect(ports.http).toBe(taken.http);
    expect((await fetch(`http://127.0.0.2:${taken.http}/metrics`)).status).toBe(200);
    await stop();
  });

  test("adds metrics to the probes where the environment says so", async () => {
    const env = { CONTRAST_METRICS: "" };
    const { ports, stop } = await start([...LOOPBACK, "--probe-addr", "127.0.0.1:0"], { env });
    expect(await statusOf(ports.http, "/metrics")).toBe(200);
    await stop();
  });

  test.each([
    ["coordinator/address-invalid", ["--metrics-addr", "127.0.0.1:1313"], {}],
    ["coordinator/address-invalid", [], { CONTRAST_METRICS_PORT: "7777" }],
    ["coordinator/address-invalid", [], { CONTRAST_METRICS_PORT: "70000" }],
    ["coordinator/address-invalid", ["--user-api-addr", ""], {}],
    ["terminal/invalid-argument", ["--at", "2026-01-01"], {}],
    ["terminal/invalid-argument", ["--insecure-trust-roots", ROOTS], {}],
    ["terminal/invalid-argument", ["--max-request-mib", "3"], {}],
    ["terminal/invalid-argument", [], { CONTRAST_MAX_REQUEST_MIB: "129" }],
    ["terminal/invalid-argument", [], { CONTRAST_MAX_REQUEST_MIB: "64Mi" }],
    ["terminal/invalid-log-level", [], { CONTRAST_LOG_LEVEL: "loud" }],
    ["lib/file-unreadable", ["--insecure-simulated-guest", join(directory, "nothing.json")], {}],
  ])("ends with %s for %p and %p", async (code, words, env) => {
    await placeGuest();
    const io = recordIo({ env });
    expect(
      await codeOfAsync(() => callCommand(["coordinator", "--state-device=", "--state-dir", directory, ...words], io)),
    ).toBe(code);
    const isLogged = io.told.some((line) => line.includes("Coordinator terminated after failure"));
    expect(isLogged).toBe(code !== "terminal/invalid-log-level");
  });

  test("leaves nothing running where one of its servers cannot listen", async () => {
    const { ports, stop } = await start(LOOPBACK);
    const taken = `127.0.0.1:${ports.userApi}`;
    const words = ["--user-api-addr", "127.0.0.1:0", "--mesh-api-addr", taken, "--state-device="];
    expect(await codeOfAsync(() => start(words))).toBe("atls/listen-failed");
    await stop();
  });
});
