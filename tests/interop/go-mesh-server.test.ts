import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderEndpoint } from "../../src/attestation/atls/endpoint.ts";
import { createMachine, saveMachine } from "../../src/simulator/machine.ts";
import type { SimulatedMachine } from "../../src/simulator/simulated-machine.ts";
import { encodeGuest } from "../../src/simulator/guest.ts";
import { startVendorService, type VendorService } from "../../src/simulator/vendor-service.ts";
import { callCommand } from "../fakes/call-command.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { hasPrograms } from "../fakes/peers.ts";
import { recordIo } from "../fakes/recorded-io.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { type GoMeshServer, startMeshServer } from "./go-mesh-server/go-mesh-server.ts";
import { until } from "../fakes/until.ts";

const POLICY = "5a".repeat(32);
const PLATFORMS = ["snp-milan", "tdx"] as const;
const folder = temporaryDirectory();
const servers: GoMeshServer[] = [];

interface Prepared {
  readonly machine: SimulatedMachine;
  readonly service: VendorService;
  readonly guestFile: string;
  readonly roots: string;
}

const now = (): Date => new Date();

async function prepare(platform: (typeof PLATFORMS)[number]): Promise<Prepared> {
  const machine = await createMachine(platform, now());
  const directory = join(folder, platform);
  await saveMachine(machine, directory);
  const guestFile = join(folder, `${platform}.json`);
  const guest = { policyHash: Uint8Array.fromHex(POLICY) };
  writeFileSync(guestFile, encodeGuest({ machine: directory, guest }));
  return {
    machine,
    service: await startVendorService({ machine, now }),
    guestFile,
    roots: join(directory, "roots.pem"),
  };
}

describe.if(hasPrograms("a mesh API in Go", "go"))("contrast initializer against a mesh API in Go", () => {
  const prepared = new Map<string, Prepared>();
  beforeAll(async () => {
    for (const platform of PLATFORMS) prepared.set(platform, await prepare(platform));
    // The first build on a machine compiles Go's standard library too.
  }, 300_000);
  afterAll(async () => {
    for (const { service } of prepared.values()) await service.stop();
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.stop();
  });

  async function serve(
    platform: string,
    options: Partial<Parameters<typeof startMeshServer>[0]> = {},
  ): Promise<GoMeshServer> {
    const { roots, service } = prepared.get(platform)!;
    const server = await startMeshServer({ roots, mirror: service.url, policies: [POLICY], ...options });
    servers.push(server);
    return server;
  }

  async function initialize(platform: string, server: GoMeshServer, stop: Partial<Stop> = {}): Promise<string> {
    const { signal = new AbortController().signal, onLine = () => {} } = stop;
    const output = join(temporaryDirectory(), "contrast");
    const { guestFile, roots } = prepared.get(platform)!;
    const words = [
      "initializer",
      "--output-dir",
      output,
      "--retry-interval",
      "1",
      "--insecure-simulated-guest",
      guestFile,
    ];
    const env = { COORDINATOR_HOST: renderEndpoint(server.endpoint), HOME: folder };
    const io = recordIo({ env, now, signal });
    const err = (line: string): void => {
      io.err(line);
      onLine(line);
    };
    await callCommand([...words, "--offline", "--insecure-trust-roots", roots], { ...io, err });
    expect(io.told.some((line) => line.startsWith("WARNING: the evidence"))).toBe(true);
    return output;
  }

  // Without instructions for AES, Go chooses ChaCha20, as on small machines.
  const withoutAes = { GODEBUG: "cpu.aes=off,cpu.pclmulqdq=off" };

  test.each([
    ["snp-milan", "TLS 1.3", "TLS_AES_128_GCM_SHA256", {}],
    ["snp-milan", "TLS 1.3", "TLS_CHACHA20_POLY1305_SHA256", withoutAes],
    ["snp-milan", "TLS 1.2", "", {}],
    ["tdx", "TLS 1.3", "TLS_AES_128_GCM_SHA256", {}],
    ["tdx", "TLS 1.2", "", {}],
  ] as const)("gets files for %s over %s (%s)", async (platform, tls, suite, env) => {
    const server = await serve(platform, { tls: tls.slice(4), env });
    const output = await initialize(platform, server);
    const read = (name: string): Buffer => readFileSync(join(output, name));
    const key = createPrivateKey(read("tls-config/key.pem"));
    const leaf = new X509Certificate(read("tls-config/certChain.pem"));
    expect(leaf.checkPrivateKey(key)).toBe(true);
    expect(leaf.verify(new X509Certificate(read("tls-config/mesh-ca.pem")).publicKey)).toBe(true);
    expect(read("secrets/workload-secret-seed").toString()).toBe("5e".repeat(64));
    const [event] = server.events();
    expect(event).toMatchObject({ policy: POLICY, tls });
    if (suite !== "") expect(event).toMatchObject({ suite });
  });

  /** What the Initializer logs of its first try, which is its last. */
  async function firstFailure(server: GoMeshServer): Promise<string> {
    const controller = new AbortController();
    let found = "";
    const onLine = (line: string): void => {
      if (!line.includes("no certificate yet")) return;
      found = line;
      controller.abort();
    };
    const stop = { signal: controller.signal, onLine };
    expect(await codeOfAsync(() => initialize("snp-milan", server, stop))).toBe("lib/interrupted");
    return found;
  }

  test("waits where the manifest does not know the workload", async () => {
    const server = await serve("snp-milan", { policies: ["00".repeat(32)] });
    expect(await firstFailure(server)).toContain("code=rpc/policy-not-in-manifest ");
    await until(() => server.events().length > 0);
    expect(server.events()[0]).toMatchObject({ policy: POLICY });
  });

  test.each([
    ["1.3", "rpc/client-refused"],
    ["1.2", "atls/handshake-refused"],
  ])("is refused in the handshake of TLS %s where the machine is not trusted", async (tls, code) => {
    const server = await serve("snp-milan", { roots: prepared.get("tdx")!.roots, tls });
    expect(await firstFailure(server)).toContain(`code=${code} `);
    await until(() => server.events().length > 0);
    expect(Object.keys(server.events()[0]!)).toEqual(["refused"]);
  });
});

interface Stop {
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}
