import { afterEach, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { createMetrics } from "../../src/coordinator/metrics.ts";
import { type ProbeServer, type ProbeServerOptions, startProbeServer } from "../../src/coordinator/probe-server.ts";
import { SILENT_LOG } from "../fakes/atls/atls-service.ts";
import { codeOfAsync } from "../fakes/error-code.ts";

const servers: ProbeServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(change: Partial<ProbeServerOptions> = {}): Promise<ProbeServer> {
  const server = await startProbeServer({
    address: { host: "127.0.0.1", port: 0 },
    metrics: createMetrics(),
    isUp: () => true,
    isReady: () => true,
    log: SILENT_LOG,
    ...change,
  });
  servers.push(server);
  return server;
}

async function statusOf({ port }: ProbeServer, path: string, init: RequestInit = {}): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`, init)).status;
}

/** All that the server answers to these bytes before it ends the connection, or in `ms`. */
function answerTo({ port }: ProbeServer, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write(bytes));
    socket.on("data", (piece: Buffer) => {
      text += piece.toString();
    });
    socket.on("error", () => {});
    socket.once("close", () => resolve(text));
  });
}

const LIVENESS = "GET /probe/liveness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/** Connections on which nothing is sent, one after the other. */
async function openSilent(
  { port }: ProbeServer,
  count: number,
  localAddress = "127.0.0.1",
): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const socket = connect({ host: "127.0.0.1", port, localAddress });
    socket.on("error", () => {}).resume();
    await new Promise((resolve) => socket.once("connect", resolve));
    sockets.push(socket);
  }
  return sockets;
}

const PROBES = ["/probe/startup", "/probe/liveness", "/probe/readiness"];

describe("startProbeServer()", () => {
  test.each([
    [true, true, [200, 200, 200]],
    [true, false, [200, 200, 503]],
    [false, true, [503, 503, 503]],
  ])("answers probes where up is %s and ready %s", async (isUp, isReady, expected) => {
    const server = await serve({ isUp: () => isUp, isReady: () => isReady });
    const statuses = await Promise.all(PROBES.map((path) => statusOf(server, path)));
    expect(statuses).toEqual(expected);
  });

  test("serves metrics, with a query and by HEAD too", async () => {
    const server = await serve();
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics?x=1`);
    expect(answer.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
    expect(await answer.text()).toContain("contrast_coordinator_manifest_generation 0");
    const head = await fetch(`http://127.0.0.1:${server.port}/metrics`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test("has no metrics where they are somewhere else", async () => {
    expect(await statusOf(await serve({ metrics: undefined }), "/metrics")).toBe(404);
  });

  test("knows no other path and no other method", async () => {
    const server = await serve();
    for (const path of ["/", "/probe", "/probe/startup/", "/metrics/x"]) {
      expect(await statusOf(server, path)).toBe(404);
    }
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect(await statusOf(server, "/metrics", { method })).toBe(405);
    }
  });

  test("answers a failed scrape with an ended connection, and goes on", async () => {
    const failing = await serve({ metrics: { scrape: () => Promise.reject(new Error("defect")) } });
    expect(await answerTo(failing, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")).toBe("");
    expect(await statusOf(failing, "/probe/startup")).toBe(200);
  });

  test("does not wait for bodies", async () => {
    const answer = await answerTo(
      await serve(),
      "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n",
    );
    expect(answer).toStartWith("HTTP/1.1 405");
  });

  test.each(["", "GET /metrics HT"])("ends a connection on which no request comes in time: %p", async (bytes) => {
    expect(await answerTo(await serve({ timeoutMs: 30 }), bytes)).toBe("");
  });

  test.each([
    ["no HTTP", "\u0016\u0003\u0001\r\n\r\n"],
    ["a head of more than 8 KiB", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(10_000)}\r\n\r\n`],
  ])("ends a connection with %s", async (_what, bytes) => {
    const answer = await answerTo(await serve(), bytes);
    expect(answer).not.toContain(" 200 ");
    expect(answer).not.toContain(" 404 ");
  });

  test("answers although others keep 64 connections open, and ends the oldest of these", async () => {
    const server = await serve();
    const silent = await openSilent(server, 64);
    const ended = new Promise((resolve) => silent[0]?.once("close", resolve));
    expect(await answerTo(server, LIVENESS)).toStartWith("HTTP/1.1 200");
    await ended;
    expect(silent.filter(({ closed }) => closed)).toHaveLength(1);
    for (const socket of silent) socket.destroy();
  });

  test.if(process.platform === "linux")("makes room at the cost of the address that has most connections", async () => {
    const server = await serve();
    const [lonely] = await openSilent(server, 1, "127.0.0.2");
    const silent = await openSilent(server, 63);
    const ended = new Promise((resolve) => silent[0]?.once("close", resolve));
    expect(await answerTo(server, LIVENESS)).toStartWith("HTTP/1.1 200");
    await ended;
    expect(lonely?.closed).toBe(false);
    for (const socket of [lonely, ...silent]) socket?.destroy();
  });

  test("says so where it cannot listen", async () => {
    const { port } = await serve();
    expect(await codeOfAsync(() => serve({ address: { host: "127.0.0.1", port } }))).toBe(
      "coordinator/probe-listen-failed",
    );
  });
});
