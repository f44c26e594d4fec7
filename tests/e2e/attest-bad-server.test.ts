import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type AddressInfo, createServer } from "node:net";
import type { CallTrouble, FakeCoordinator, FakeCoordinatorOptions } from "../fakes/coordinator-server.ts";
import { type ProxyTrouble, startTroubledProxy, type TroubledProxy } from "../fakes/troubled-proxy.ts";
import { AttestBench, type AttestJson, type AttestOutcome, TRUST } from "./attest-bench.ts";
import { snapshotOf } from "./snapshot.ts";

// The first test that needs a binary builds it.
setDefaultTimeout(60_000);

/** Of a connection with its attestation; nothing here may need as long. */
const TIME_LIMIT_MS = 30_000;

const MORE_WORDS: Readonly<Record<string, readonly string[]>> = {
  set: ["resources"],
  verify: ["--save", "saved.tar"],
};

const bench = new AttestBench();
const deployment = bench.deployment();
let good: FakeCoordinator;

beforeAll(async () => {
  good = await bench.coordinator(deployment);
  for (const command of ["set", "verify"]) {
    const words = [command, "-c", good.address, ...TRUST, ...(MORE_WORDS[command] ?? [])];
    const run = await bench.run(deployment.directory, words);
    expect(run.status, run.stderr).toBe(0);
  }
});

/** A Coordinator that has the manifest and is on the good machine. */
async function badServer(options: FakeCoordinatorOptions): Promise<FakeCoordinator> {
  return await bench.coordinator(deployment, { state: deployment.setState(), ...options });
}

async function proxyOf(trouble: ProxyTrouble, afterBytes: number): Promise<TroubledProxy> {
  const proxy = await startTroubledProxy(good.endpoint.port, trouble, afterBytes);
  bench.onEnd(proxy.close);
  return proxy;
}

/** Runs a command against an address; whatever happens, the files of the runs before stay as they are. */
async function runAgainst(
  address: string,
  command = "verify",
  signal?: AbortSignal,
): Promise<AttestOutcome & { readonly json: AttestJson }> {
  const directory = bench.copyOf(deployment.directory);
  const before = snapshotOf(directory);
  const words = [command, "-c", address, ...TRUST, ...(MORE_WORDS[command] ?? [])];
  const outcome = await bench.runJson(directory, words, signal === undefined ? {} : { signal });
  expect(snapshotOf(directory)).toEqual(before);
  expect(outcome.elapsedMs).toBeLessThan(TIME_LIMIT_MS);
  return outcome;
}

describe("contrast verify", () => {
  test.concurrent.each<[CallTrouble, string]>([
    ["reset", "rpc/unavailable"],
    ["close", "rpc/unavailable"],
    ["garbage", "rpc/answer-invalid"],
    ["half-answer", "rpc/unavailable"],
    ["huge-answer", "rpc/answer-too-large"],
    ["endless-answer", "rpc/answer-invalid"],
    ["gzip-bomb", "rpc/answer-too-large"],
    ["damaged-gzip", "rpc/answer-invalid"],
    ["damaged-message", "rpc/answer-invalid"],
    ["web-page", "rpc/answer-invalid"],
  ])("names what an attested server does wrong: %s", async (trouble, code) => {
    const server = await badServer({ trouble });
    const { status, json } = await runAgainst(server.address);
    expect([status, json.code, json.class]).toEqual([5, code, "unreachable"]);
    expect(server.atls.hellos.length).toBe(1);
  });

  test.concurrent.each<[string, FakeCoordinatorOptions, string]>([
    ["does not speak HTTP/2", { atls: { protocols: ["http/1.1"] } }, "atls/no-http2"],
    ["has no such service", { services: "none" }, "rpc/method-missing"],
  ])("names a server that %s", async (_, options, code) => {
    const server = await badServer(options);
    const { status, json } = await runAgainst(server.address);
    expect([status, json.code]).toEqual([5, code]);
  });

  test.concurrent("names a server that is none of TLS", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    bench.onEnd(() => void server.close());
    const { status, json } = await runAgainst(`127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect([status, json.code]).toEqual([5, "atls/not-tls"]);
  });

  // Tenths of all that a good server sends: before, in and after the handshake, and within the answer.
  test.concurrent.each(["reset", "close", "garbage"] as const)("survives %s at every step", async (trouble) => {
    const whole = await proxyOf("stall", 1_000_000);
    await bench.run(bench.copyOf(deployment.directory), ["verify", "-c", `127.0.0.1:${whole.port}`, ...TRUST]);
    const steps = [0, 1, 3, 5, 7, 9].map((tenths) => Math.floor((whole.passedBytes() * tenths) / 10));
    for (const afterBytes of steps) {
      const proxy = await proxyOf(trouble, afterBytes);
      const { status, json } = await runAgainst(`127.0.0.1:${proxy.port}`);
      expect([status, json.class, /^(atls|rpc)\//.test(json.code ?? "")], `${afterBytes}: ${json.code}`).toEqual([
        5,
        "unreachable",
        true,
      ]);
    }
  });

  test.concurrent("can be interrupted while a server stalls", async () => {
    const controller = new AbortController();
    const server = await badServer({
      evidence: () => {
        controller.abort();
        return new Promise(() => {});
      },
    });
    const { status, json, elapsedMs } = await runAgainst(server.address, "verify", controller.signal);
    expect([status, json.code]).toEqual([130, "lib/interrupted"]);
    expect(elapsedMs).toBeLessThan(10_000);
  });
});

describe("contrast set", () => {
  test.concurrent.each<[CallTrouble, string]>([
    ["garbage", "rpc/answer-invalid"],
    ["huge-answer", "rpc/answer-too-large"],
    ["damaged-message", "rpc/answer-invalid"],
    ["web-page", "rpc/answer-invalid"],
  ])("leaves what it cannot know open after %s", async (trouble, code) => {
    const server = await badServer({ trouble });
    const { status, stdout, json } = await runAgainst(server.address, "set");
    expect([status, json.code]).toEqual([5, code]);
    expect(stdout).toContain("Cannot tell whether the manifest is set");
  });

  test.concurrent("tries again after a reset, with a new nonce, until it is interrupted", async () => {
    const controller = new AbortController();
    const nonces = new Set<string>();
    const server = await badServer({
      trouble: "reset",
      evidence: (reportData) => {
        nonces.add(reportData.toHex());
        if (nonces.size === 2) controller.abort();
        return deployment.evidence(reportData);
      },
    });
    const { status, json } = await runAgainst(server.address, "set", controller.signal);
    expect([status, json.code, nonces.size]).toEqual([130, "lib/interrupted", 2]);
  });
});

describe("contrast recover", () => {
  test.concurrent.each<[CallTrouble, string]>([
    ["reset", "rpc/unavailable"],
    ["garbage", "rpc/answer-invalid"],
    ["half-answer", "rpc/unavailable"],
    ["damaged-message", "rpc/answer-invalid"],
  ])("names what an attested server does wrong: %s", async (trouble, code) => {
    const server = await badServer({ trouble });
    const { status, json } = await runAgainst(server.address, "recover");
    expect([status, json.code]).toEqual([5, code]);
  });

  test.concurrent("names a Coordinator with another seed, and one that needs none", async () => {
    const state = deployment.setState();
    state.restart();
    const other = await badServer({ state });
    const refused = await runAgainst(other.address, "recover");
    expect([refused.status, refused.json.code]).toEqual([7, "rpc/recovery-refused"]);
    const running = await runAgainst((await badServer({ state: good.state })).address, "recover");
    expect([running.status, running.json.code]).toEqual([4, "rpc/already-recovered"]);
  });
});
