import { describe, expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { UserAPI } from "../../../src/proto/userapi_pb.ts";
import { prepareAnswer } from "../../../src/rpc/serve/prepared-answer.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import type { ServedService } from "../../../src/rpc/serve/served-service.ts";
import { useGrpcServers } from "../../fakes/grpc-server.ts";
import { callHead, emptyMessage, FRAME, openRawHttp2, rawFrame } from "../../fakes/http2-frames.ts";
import { until } from "../../fakes/until.ts";
import { SERVICE, dial, exchange, framesOf, messageOf, openTls, statusOf } from "../../fakes/grpc-calls.ts";

const serve = useGrpcServers();
/** What a client of HTTP/2 sends first. */
const PREFACE = Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), rawFrame(FRAME.settings, 0, 0)]);
const ENHANCE_YOUR_CALM = 11;
const CANCEL = Buffer.of(0, 0, 0, 8);

describe("startGrpcServer()", () => {
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

  test("asks whether a client may send much before it reads more than the length", async () => {
    let calls = 0;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-384" });
    const admitLarge: NonNullable<ServedService<string>["admitLarge"]> = async ({ peer }) => {
      calls++;
      if (peer?.publicKey.equals(publicKey) !== true) throw new ConnectError("not you", Code.PermissionDenied);
    };
    // What is refused is not held.
    const server = await serve({}, { admitLarge, limits: { heldBytes: 3_000_000 } });
    const session = await dial(server);
    const set = async (bytes: number): Promise<string> =>
      await codeOfAsync(() => session.setManifest(new Uint8Array(bytes), []));
    expect(await set(60_000)).toBe("no error, returned object");
    expect(calls).toBe(0);
    expect(await set(5_000_000)).toBe("rpc/permission-denied");
    expect(calls).toBe(1);
    session.close();
    const owner = await dial(server, { clientKey: privateKey });
    expect(await codeOfAsync(() => owner.setManifest(new Uint8Array(100_000), []))).toBe("no error, returned object");
    owner.close();
  });

  test("reads no second message for which nobody was asked", async () => {
    let calls = 0;
    const server = await serve({}, { admitLarge: async () => void calls++ });
    const bodies = [10_000, 20_000].map((bytes) => Buffer.concat([messageOf(500), messageOf(bytes)]));
    const statuses = [];
    for (const body of bodies) {
      statuses.push((await exchange(server, `/${SERVICE}/SetManifest`, {}, body)).grpcStatus);
    }
    expect(statuses).not.toContain("0");
    expect(statuses[1]).toBe(String(Code.ResourceExhausted));
    expect(calls).toBe(0);
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
});
