import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Code, ConnectError } from "@connectrpc/connect";
import { createNonce } from "../../../src/attestation/atls/nonce.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { UserAPI } from "../../../src/proto/userapi_pb.ts";
import type { CoordinatorSession } from "../../../src/rpc/coordinator-session.ts";
import { dialCoordinator } from "../../../src/rpc/dial-coordinator.ts";
import { createCallRoutes } from "../../../src/rpc/serve/call-routes.ts";
import { prepareAnswer } from "../../../src/rpc/serve/prepared-answer.ts";
import type { ServedService } from "../../../src/rpc/serve/served-service.ts";
import { SILENT_LOG } from "../../fakes/atls/atls-service.ts";
import { judgeReportData } from "../../fakes/atls/test-validator.ts";
import { codeOf, codeOfAsync } from "../../fakes/error-code.ts";
import { type TestGrpcServer, useGrpcServers } from "../../fakes/grpc-server.ts";
import { callHead, emptyMessage, FRAME, openRawHttp2, type RawFrame, rawFrame } from "../../fakes/http2-frames.ts";
import { until } from "../../fakes/until.ts";

const serve = useGrpcServers();
/** What a client of HTTP/2 sends first. */
const PREFACE = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), rawFrame(FRAME.settings, 0, 0)]);
const SERVICE = "edgelesssys.contrast.userapi.UserAPI";

function dial({ endpoint }: Pick<TestGrpcServer, "endpoint">, change = {}): Promise<CoordinatorSession> {
  const { signal } = new AbortController();
  const options = { clientKey: undefined, validate: judgeReportData, now: () => new Date(), signal, timeoutMs: 5000 };
  return dialCoordinator(endpoint, { ...options, ...change });
}

describe("startGrpcServer()", () => {
  test("hands each call its message, its caller and the admission of its connection", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const seen: unknown[] = [];
    const server = await serve({
      setManifest: ({ Manifest, Policies }, { peer, admission, evidence }) => {
        seen.push(Policies.length, peer?.publicKey.equals(publicKey), admission, evidence);
        return { RootCA: Manifest };
      },
    });
    const session = await dial(server, { clientKey: privateKey });
    const { rootCaPem } = await session.setManifest(Uint8Array.of(1, 2), [Uint8Array.of(3)]);
    expect([...rootCaPem]).toEqual([1, 2]);
    expect(seen).toEqual([1, true, "admitted", undefined]);
    expect(server.observed).toEqual(
      ["started", "received", "sent", "handled"]
        .map((event) => `${event} ${SERVICE} SetManifest`)
        .map((line, index) => (index === 3 ? `${line} OK` : line)),
    );
    session.close();
  });

  test("passes on the status of a handler", async () => {
    const server = await serve({
      recover: () => {
        throw new ConnectError("peer not authorized: ä%", Code.PermissionDenied);
      },
    });
    const session = await dial(server);
    expect(await codeOfAsync(() => session.recover(new Uint8Array(64), new Uint8Array(32)))).toBe(
      "rpc/permission-denied",
    );
    expect(server.observed.at(-1)).toBe(`handled ${SERVICE} Recover PermissionDenied`);
    session.close();
  });

  test("tells a client nothing of an error that is no status, and logs it", async () => {
    const logged: string[] = [];
    const log = {
      ...SILENT_LOG,
      error: (text: string, fields = {}) => logged.push(`${text} ${JSON.stringify(fields)}`),
    };
    const server = await serve(
      {
        getManifests: () => {
          throw new ContrastError("lib/internal", "the secret path /x");
        },
      },
      { atls: { log } },
    );
    const session = await dial(server);
    const error = await session.getManifests().catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "rpc/server-failed" });
    expect(String(error)).not.toContain("secret");
    expect(logged.join()).toContain("secret path");
    expect(server.observed.at(-1)).toBe(`handled ${SERVICE} GetManifests Internal`);
    session.close();
  });

  test("takes a message of 16 MiB and no larger one, and sends large answers", async () => {
    const server = await serve({ setManifest: ({ Manifest }) => ({ RootCA: Manifest }) });
    const session = await dial(server);
    const largest = new Uint8Array(16 * 1024 * 1024 - 5);
    expect((await session.setManifest(largest, [])).rootCaPem.length).toBe(largest.length);
    expect(await codeOfAsync(() => session.setManifest(new Uint8Array(16 * 1024 * 1024 - 4), []))).toBe(
      "rpc/request-too-large",
    );
    session.close();
  });

  test("serves older names of a service, and counts them with the new one", async () => {
    const server = await serve();
    const http = await openRawHttp2(server.port);
    http.send(callHead(1, "/userapi.UserAPI/Recover"), emptyMessage(1));
    await http.frame(FRAME.data);
    expect(server.observed).toContain(`started ${SERVICE} Recover`);
    http.socket.destroy();
  });

  test("answers Unimplemented to methods that it does not know, and to compressed messages", async () => {
    const server = await serve();
    expect(await statusOf(server, `/${SERVICE}/Burn`)).toBe("12");
    expect(await statusOf(server, `/${SERVICE}/Recover`, { "grpc-encoding": "gzip" })).toBe("12");
    expect(await statusOf(server, `/${SERVICE}/Recover`)).toBe("0");
  });

  test("speaks nothing but gRPC", async () => {
    const server = await serve();
    for (const type of ["application/json", "application/proto", "application/grpc-web", "application/connect+proto"]) {
      for (const path of [`/${SERVICE}/Recover`, "/nothing"]) {
        const { status } = await exchange(server, path, { "content-type": type });
        expect(status).toBe(415);
      }
    }
  });

  test("refuses a second message and a damaged one", async () => {
    const server = await serve();
    const second = Buffer.concat([Buffer.alloc(5), Buffer.alloc(5)]);
    expect((await exchange(server, `/${SERVICE}/Recover`, {}, second)).grpcStatus).toBe("12");
    const damaged = Buffer.from("0000000002ffff", "hex");
    expect((await exchange(server, `/${SERVICE}/Recover`, {}, damaged)).grpcStatus).toBe("13");
    expect(server.observed.some((line) => line.startsWith("received"))).toBeFalse();
  });

  test("tells a handler when the time of its client is over", async () => {
    const reasons: unknown[] = [];
    const server = await serve({ getManifests: (_request, { signal }) => untilAborted(signal, reasons) });
    const { grpcStatus } = await exchange(server, `/${SERVICE}/GetManifests`, { "grpc-timeout": "20m" });
    expect([grpcStatus, reasons.length]).toEqual(["4", 1]);
    expect(server.observed.at(-1)).toBe(`handled ${SERVICE} GetManifests DeadlineExceeded`);
  });

  test.each(["99999999H", "25H", "36000M", "99999999S", "9999999m"])(
    "takes a time limit of %s for none",
    async (timeout) => {
      // A limit that overflows would be over after a millisecond.
      const server = await serve({ recover: () => new Promise((resolve) => setTimeout(() => resolve({}), 10)) });
      const { grpcStatus } = await exchange(server, `/${SERVICE}/Recover`, { "grpc-timeout": timeout });
      expect(grpcStatus).toBe("0");
    },
  );

  test("tells a handler when its client gave up", async () => {
    const reasons: unknown[] = [];
    const server = await serve({ getManifests: (_request, { signal }) => untilAborted(signal, reasons) });
    const http = await openRawHttp2(server.port);
    http.send(callHead(1, `/${SERVICE}/GetManifests`), emptyMessage(1));
    await until(() => server.observed.length >= 2);
    http.send(rawFrame(FRAME.reset, 0, 1, CANCEL));
    await until(() => server.observed.length >= 3);
    expect([server.observed.at(-1), reasons.length]).toEqual([`handled ${SERVICE} GetManifests Canceled`, 1]);
    http.socket.destroy();
  });

  test("ends calls that nobody ends", async () => {
    const server = await serve({}, { limits: { callTimeoutMs: 30 } });
    const http = await openRawHttp2(server.port);
    http.send(callHead(1, `/${SERVICE}/GetManifests`), rawFrame(FRAME.data, 0, 1, Buffer.alloc(3)));
    const { stream } = await http.frame(FRAME.reset);
    expect(stream).toBe(1);
    expect(framesOf(http.frames, 1)).toEqual([FRAME.headers, FRAME.reset]);
    http.socket.destroy();
  });

  test("tells clients that a call takes too long", async () => {
    const server = await serve({ getManifests: () => new Promise(() => {}) }, { limits: { callTimeoutMs: 30 } });
    expect(await statusOf(server, `/${SERVICE}/GetManifests`)).toBe("4");
  });

  test("ends calls whose client does not read the answer, and its connection later", async () => {
    const limits = { callTimeoutMs: 500, idleMs: 50, keepaliveAckMs: 50, tickMs: 5 };
    const server = await serve({ getManifests: () => ({ RootCA: new Uint8Array(8_000_000) }) }, { limits });
    const http = await openRawHttp2(server.port);
    http.send(callHead(1, `/${SERVICE}/GetManifests`), emptyMessage(1));
    await http.frame(FRAME.data);
    http.socket.pause();
    await until(() => server.connections === 0);
    http.socket.destroy();
  });

  test("takes no more calls of one connection at a time than allowed", async () => {
    const server = await serve({ getManifests: () => new Promise(() => {}) }, { limits: { streams: 2 } });
    const http = await openRawHttp2(server.port);
    await http.frame(FRAME.settings);
    await http.frame(FRAME.settings);
    for (const stream of [1, 3, 5]) http.send(callHead(stream, `/${SERVICE}/GetManifests`), emptyMessage(stream));
    expect((await http.frame(FRAME.reset)).stream).toBe(5);
    expect(server.observed.filter((line) => line.startsWith("started")).length).toBe(2);
    http.socket.destroy();
  });

  test.each([
    ["large", { "x-large": "y".repeat(3000) }],
    ["with many fields", Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`x${index}`, "y"]))],
  ])("refuses a header that is %s", async (_what, fields) => {
    const server = await serve({}, { limits: { headerBytes: 2048 } });
    const http = await openRawHttp2(server.port);
    http.send(callHead(1, `/${SERVICE}/Recover`, fields), emptyMessage(1));
    expect((await http.frame(FRAME.reset)).stream).toBe(1);
    expect(server.observed).toEqual([]);
    http.socket.destroy();
  });

  test("ends a connection that resets its calls again and again", async () => {
    const server = await serve({ getManifests: () => new Promise(() => {}) }, { limits: { resets: 10 } });
    const http = await openRawHttp2(server.port);
    const call = (stream: number): readonly Buffer[] => [
      callHead(stream, `/${SERVICE}/GetManifests`),
      rawFrame(FRAME.reset, 0, stream, CANCEL),
    ];
    for (let stream = 1; stream <= 21; stream += 2) http.send(...call(stream));
    expect((await http.frame(FRAME.goaway)).payload.readUInt32BE(4)).toBe(ENHANCE_YOUR_CALM);
    await http.closed;
    const patient = await openRawHttp2(server.port);
    for (let stream = 1; stream <= 19; stream += 2) patient.send(...call(stream));
    patient.send(callHead(41, `/${SERVICE}/Recover`), emptyMessage(41));
    await patient.frame(FRAME.data);
    patient.socket.destroy();
  });

  test("holds no more of requests and answers than allowed", async () => {
    const handlers = { setManifest: () => ({ RootCA: new Uint8Array(3000) }) };
    const server = await serve(handlers, { limits: { heldBytes: 4500 } });
    const path = `/${SERVICE}/SetManifest`;
    expect((await exchange(server, path, {}, messageOf(500))).grpcStatus).toBe("0");
    expect((await exchange(server, path, {}, messageOf(2000))).grpcStatus).toBe("8");
    expect((await exchange(server, path, {}, messageOf(5000))).grpcStatus).toBe("8");
    expect((await exchange(server, path, {}, messageOf(500))).grpcStatus).toBe("0");
  });

  test("reads no message that has more fields than any needs, however small it is", async () => {
    let calls = 0;
    const server = await serve({ setManifest: () => ({ RootCA: new Uint8Array(++calls) }) });
    const ask = async (fields: number, headers = {}): Promise<unknown> => {
      const message = Buffer.alloc(5 + 2 * fields);
      message.writeUInt32BE(2 * fields, 1);
      for (let at = 5; at < message.length; at += 2) message[at] = 0x12;
      return (await exchange(server, `/${SERVICE}/SetManifest`, headers, message)).grpcStatus;
    };
    expect(await ask(20_000)).toBe("0");
    expect(await ask(20_001)).toBe("8");
    expect(calls).toBe(1);
    expect(await ask(1, { "content-type": "application/grpc+proto" })).toBe("0");
    expect(await ask(1, { "content-type": "application/grpc+json" })).toBe("12");
  });

  test("sends a prepared answer to any number of clients that do not read it, and whole to one that does", async () => {
    const policy = new Uint8Array(3_000_000).fill(7);
    const prepared = prepareAnswer(UserAPI.method.getManifests.output, { Policies: [policy] });
    // Room for a piece for each of them, and by far not for their answers.
    const server = await serve({ getManifests: () => prepared }, { limits: { heldBytes: 6_000_000 } });
    const path = `/${SERVICE}/GetManifests`;
    const silent = await openRawHttp2(server.port);
    silent.socket.pause();
    for (let stream = 1; stream < 40; stream += 2) silent.send(callHead(stream, path), emptyMessage(stream));
    await until(() => server.observed.filter((line) => line.endsWith("GetManifests OK")).length === 20);
    const session = await dial(server);
    expect((await session.getManifests()).policies).toEqual([policy]);
    session.close();
    silent.socket.destroy();
  });

  test("counts the headers of calls among what it holds", async () => {
    const server = await serve({}, { limits: { heldBytes: 4500 } });
    const path = `/${SERVICE}/Recover`;
    expect((await exchange(server, path, { big: "x".repeat(3000) }, messageOf(500))).grpcStatus).toBe("0");
    expect((await exchange(server, path, { big: "x".repeat(5000) }, messageOf(500))).grpcStatus).toBe("8");
    expect((await exchange(server, path, { big: "x".repeat(3000) }, messageOf(500))).grpcStatus).toBe("0");
  });

  test("lets calls whose client keeps it waiting make room for others", async () => {
    const server = await serve({}, { limits: { heldBytes: 4500, patienceMs: 20 } });
    const http = await openRawHttp2(server.port);
    const begun = Buffer.concat([Buffer.of(0, 0, 0, 16, 0), Buffer.alloc(4000)]);
    http.send(callHead(1, `/${SERVICE}/Recover`), rawFrame(FRAME.data, 0, 1, begun));
    await until(() => server.observed.length > 0);
    await until(async () => (await exchange(server, `/${SERVICE}/Recover`, {}, messageOf(500))).grpcStatus === "0");
    expect((await http.frame(FRAME.reset)).stream).toBe(1);
    expect(framesOf(http.frames, 1)).toEqual([FRAME.headers, FRAME.reset]);
    http.socket.destroy();
  });

  test.each([
    ["another protocol", Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n")],
    [
      "a frame that is too large",
      Buffer.concat([PREFACE, Buffer.from("ffffff000000000001", "hex"), Buffer.alloc(20_000)]),
    ],
    ["a damaged header block", Buffer.concat([PREFACE, rawFrame(FRAME.headers, 5, 1, Buffer.alloc(40, 0xff))])],
  ])("ends a connection with %s, and serves others", async (_what, bytes) => {
    const server = await serve();
    const socket = await openTls(server);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket
      .on("error", () => {})
      .resume()
      .write(bytes);
    await closed;
    expect(await statusOf(server, `/${SERVICE}/Recover`)).toBe("0");
    await until(() => server.connections === 0);
  });

  test("ends clients that never begin with HTTP/2", async () => {
    const server = await serve({}, { limits: { keepaliveMs: 10, keepaliveAckMs: 20, tickMs: 5 } });
    const socket = await openTls(server);
    await new Promise((resolve) =>
      socket
        .on("error", () => {})
        .once("close", resolve)
        .resume(),
    );
    expect(server.observed).toEqual([]);
  });

  test("asks silent clients for a sign of life, and ends those that give none", async () => {
    const server = await serve({}, { limits: { keepaliveMs: 20, keepaliveAckMs: 500, tickMs: 5 } });
    const http = await openRawHttp2(server.port);
    const { payload } = await http.frame(FRAME.ping);
    http.send(rawFrame(FRAME.ping, 1, 0, payload));
    await http.frame(FRAME.ping);
    expect(http.socket.destroyed).toBeFalse();
    await http.closed;
  });

  test("closes connections without calls", async () => {
    const server = await serve({}, { limits: { idleMs: 20, tickMs: 5 } });
    const http = await openRawHttp2(server.port);
    expect((await http.frame(FRAME.goaway)).payload.readUInt32BE(4)).toBe(0);
    await http.closed;
    await until(() => server.connections === 0);
  });

  test("ends connections without calls where there are too many, and none with a call", async () => {
    const gate = Promise.withResolvers<object>();
    const limits = { connections: 2, patienceMs: 0 };
    const server = await serve({ getManifests: () => gate.promise }, { atls: { limits } });
    const busy = await dial(server);
    const call = busy.getManifests();
    await until(() => server.observed.length >= 2);
    const idle = await openRawHttp2(server.port);
    await idle.frame(FRAME.settings);
    const next = await dial(server);
    await idle.closed;
    gate.resolve({});
    await call;
    for (const session of [busy, next]) session.close();
  });

  test("lets calls under way finish when it stops, and takes no other", async () => {
    const gate = Promise.withResolvers<object>();
    const server = await serve({ getManifests: () => gate.promise });
    const session = await dial(server);
    const call = session.getManifests();
    await until(() => server.observed.length >= 2);
    const stopped = server.stop(10_000);
    expect(await codeOfAsync(() => dial(server))).toBe("atls/unreachable");
    gate.resolve({});
    await call;
    await stopped;
    expect(server.connections).toBe(0);
  });

  test("lets its clients connect again, when their calls are answered", async () => {
    const gate = Promise.withResolvers<object>();
    const server = await serve({ getManifests: () => gate.promise });
    const [busy, idle] = [await dial(server), await dial(server)];
    const call = busy.getManifests();
    await until(() => server.observed.length >= 2);
    server.renewConnections();
    await until(() => server.connections === 1);
    expect(await codeOfAsync(() => idle.getManifests())).toBe("rpc/unavailable");
    gate.resolve({});
    await call;
    await until(() => server.connections === 0);
    const again = await dial(server);
    await again.getManifests();
    again.close();
  });

  test("waits no longer for calls than told when it stops", async () => {
    const server = await serve({ getManifests: () => new Promise(() => {}) });
    const session = await dial(server);
    const call = codeOfAsync(() => session.getManifests());
    await until(() => server.observed.length >= 2);
    await server.stop(20);
    expect(await call).toBe("rpc/unavailable");
  });

  test("refuses services that are not unary, and missing handlers", () => {
    const options = { observer: SILENT_OBSERVER, readMaxBytes: 1, log: SILENT_LOG };
    const service = { service: UserAPI, names: ["x"], methods: {} } as unknown as ServedService<unknown>;
    expect(codeOf(() => createCallRoutes([service], options))).toBe("lib/internal");
  });
});

const ENHANCE_YOUR_CALM = 11;
const CANCEL = Buffer.of(0, 0, 0, 8);
const SILENT_OBSERVER = { started: () => {}, received: () => {}, sent: () => {}, handled: () => {} };

function untilAborted(signal: AbortSignal, reasons: unknown[]): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      reasons.push(signal.reason);
      reject(signal.reason);
    });
  });
}

/** Types of the frames of a stream, in order. */
function framesOf(frames: readonly RawFrame[], stream: number): readonly number[] {
  return frames.filter((frame) => frame.stream === stream).map(({ type }) => type);
}

/** A message whose first field has so many bytes. */
function messageOf(bytes: number): Buffer {
  const message = Buffer.concat([Buffer.of(0x0a), varint(bytes), Buffer.alloc(bytes)]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function varint(value: number): Buffer {
  return value < 128 ? Buffer.of(value) : Buffer.of((value & 127) | 128, value >> 7);
}

async function statusOf(server: TestGrpcServer, path: string, headers = {}): Promise<unknown> {
  // A message that is marked as compressed, where the header says so.
  const body = "grpc-encoding" in headers ? Buffer.from("01000000021f8b", "hex") : Buffer.alloc(5);
  return (await exchange(server, path, headers, body)).grpcStatus;
}

/** One exchange by the client of the platform. */
async function exchange(
  { port }: TestGrpcServer,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body: Uint8Array = new Uint8Array(5),
): Promise<{ status: unknown; grpcStatus: unknown }> {
  const socket = await openTls({ port });
  const session = connectHttp2("https://coordinator", { createConnection: () => socket });
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", ...headers });
  const answer: { status: unknown; grpcStatus: unknown } = { status: undefined, grpcStatus: undefined };
  stream.on("response", (fields) =>
    Object.assign(answer, { status: fields[":status"], grpcStatus: fields["grpc-status"] }),
  );
  stream.on("trailers", (fields) => Object.assign(answer, { grpcStatus: fields["grpc-status"] }));
  stream.on("error", () => {});
  stream.resume();
  stream.end(body);
  await new Promise((resolve) => stream.once("close", resolve));
  session.destroy();
  return answer;
}

/** A connection on which nothing was sent yet. */
async function openTls({ port }: Pick<TestGrpcServer, "port">): Promise<TLSSocket> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    servername: createNonce().toBase64(),
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
  });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  return socket;
}
