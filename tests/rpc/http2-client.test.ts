import { afterEach, describe, expect, test } from "bun:test";
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import { connect } from "node:tls";
import { ConnectError } from "@connectrpc/connect";
import type { UniversalClientResponse } from "@connectrpc/connect/protocol";
import { generateKeyPairSync } from "node:crypto";
import { ContrastError } from "../../src/lib/errors.ts";
import { createHttp2Client, type Http2Client } from "../../src/rpc/http2-client.ts";
import { certificatePem, derCertificate } from "../fakes/atls/der-certificate.ts";

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Behaviour = (stream: ServerHttp2Stream, headers: Readonly<Record<string, unknown>>) => void;

const DONE = { "grpc-status": "0" };

/** A client of a server on loopback that does with every stream what the test says. */
async function clientOf(behave: Behaviour, maxBodyBytes = 1024 * 1024): Promise<Http2Client> {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const server = createSecureServer({
    key: key.export({ type: "pkcs8", format: "pem" }),
    cert: certificatePem(derCertificate({ key })),
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    behave(stream, headers);
  });
  server.on("sessionError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
  await new Promise((resolve) => socket.once("secureConnect", resolve));
  const client = createHttp2Client(socket, `https://127.0.0.1:${port}`, maxBodyBytes);
  closers.push(() => {
    client.close();
    server.close();
  });
  return client;
}

async function* pieces(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield await Promise.resolve(new Uint8Array(size).fill(0x61));
}

function post(client: Http2Client, body = pieces(5), signal?: AbortSignal): Promise<UniversalClientResponse> {
  const header = new Headers({ "content-type": "application/grpc", "x-own": "yes" });
  const url = "https://127.0.0.1/service/Method";
  return client.request({ url, method: "POST", header, body, ...(signal === undefined ? {} : { signal }) });
}

async function read({ body }: UniversalClientResponse): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of body) read.push(piece);
  return Buffer.concat(read);
}

/** The code of what ends an exchange, of Connect (a number) or our own. */
async function outcome(exchange: () => Promise<unknown>): Promise<string> {
  try {
    await exchange();
    return "no error";
  } catch (error) {
    if (error instanceof ContrastError) return error.code;
    return error instanceof ConnectError ? `code ${error.code}` : String(error);
  }
}

describe("createHttp2Client()", () => {
  test("sends method, path, header and body, and gives status, header, body and trailers", async () => {
    let seen: Readonly<Record<string, unknown>> = {};
    const client = await clientOf((stream, headers) => {
      seen = headers;
      const received: Buffer[] = [];
      stream.on("data", (piece: Buffer) => received.push(piece));
      stream.on("end", () => {
        stream.respond({ ":status": 200, "x-theirs": ["a", "b"] }, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ ...DONE, "x-last": "z" }));
        stream.end(`${Buffer.concat(received).length} bytes`);
      });
    });
    const answer = await post(client, pieces(1, 200_000, 0, 7));
    expect(answer.status).toBe(200);
    expect(answer.header.get("x-theirs")).toBe("a, b");
    expect(String(await read(answer))).toBe("200008 bytes");
    expect(answer.trailer.get("x-last")).toBe("z");
    expect([seen[":method"], seen[":path"], seen[":scheme"], seen["x-own"]]).toEqual([
      "POST",
      "/service/Method",
      "https",
      "yes",
    ]);
  });

  test("takes an answer as complete whose status stands in its header", async () => {
    const client = await clientOf((stream) =>
      stream.respond({ ":status": 200, "grpc-status": "5" }, { endStream: true }),
    );
    const answer = await post(client);
    expect(answer.header.get("grpc-status")).toBe("5");
    expect((await read(answer)).length).toBe(0);
  });

  test.each([
    ["before its header", (stream: ServerHttp2Stream) => stream.close(8)],
    [
      "after its header",
      (stream: ServerHttp2Stream) => {
        stream.respond({ ":status": 200 });
        stream.close(8);
      },
    ],
    [
      "after a part of its body, in order",
      (stream: ServerHttp2Stream) => {
        stream.respond({ ":status": 200 });
        stream.end("part");
      },
    ],
    ["with its connection", (stream: ServerHttp2Stream) => stream.session?.destroy()],
  ])("takes an answer as lost that ends %s", async (_, behave) => {
    const client = await clientOf(behave);
    expect(await outcome(async () => read(await post(client)))).toBe("code 14");
  });

  test("cuts an answer off that is too long, without keeping it", async () => {
    const client = await clientOf((stream) => {
      stream.respond({ ":status": 200 });
      stream.on("drain", () => stream.write(Buffer.alloc(10_000)));
      stream.write(Buffer.alloc(100_000));
    }, 50_000);
    const answer = await post(client);
    expect(await outcome(() => read(answer))).toBe("rpc/answer-too-large");
  });

  test("hands small pieces on in large ones, the first at once", async () => {
    const { promise: isFirstSeen, resolve: seeFirst } = Promise.withResolvers<void>();
    const trickle = async (stream: ServerHttp2Stream): Promise<void> => {
      stream.write("first");
      await isFirstSeen;
      for (let count = 0; count < 500; count++) {
        stream.write("a");
        await new Promise((resolve) => setImmediate(resolve));
      }
      stream.end();
    };
    const client = await clientOf((stream) => {
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(DONE));
      void trickle(stream);
    });
    const { body } = await post(client);
    const sizes: number[] = [];
    for await (const piece of body) {
      sizes.push(piece.length);
      seeFirst();
    }
    expect(sizes).toEqual([5, 500]);
  });

  test("cuts an answer off that nobody reads to its end", async () => {
    const { promise: closed, resolve: close } = Promise.withResolvers<number>();
    const client = await clientOf((stream) => {
      stream.respond({ ":status": 200 });
      stream.write("first");
      stream.on("close", () => close(stream.rstCode));
    });
    const { body } = await post(client);
    for await (const piece of body) {
      expect(Buffer.from(piece).toString()).toBe("first");
      break;
    }
    expect(await closed).toBe(8);
  });

  test("stops with the reason of its signal, before, while waiting and while reading", async () => {
    const reason = new Error("enough");
    const client = await clientOf((stream) => stream.respond({ ":status": 200 }));
    expect(await outcome(() => post(client, pieces(1), AbortSignal.abort(reason)))).toBe("Error: enough");
    const reading = new AbortController();
    const answer = await post(client, pieces(1), reading.signal);
    setImmediate(() => reading.abort(reason));
    expect(await outcome(() => read(answer))).toBe("Error: enough");
    const silent = await clientOf(() => {});
    const waiting = new AbortController();
    setImmediate(() => waiting.abort(reason));
    expect(await outcome(() => post(silent, pieces(1), waiting.signal))).toBe("Error: enough");
  });

  test("refuses further requests once it is closed", async () => {
    const client = await clientOf(() => {});
    client.close();
    expect(await outcome(() => post(client))).toBe("code 14");
  });

  test("passes on what goes wrong while the body is made", async () => {
    const client = await clientOf(() => {});
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(new Uint8Array(1));
      throw new ContrastError("lib/offline", "Cannot make the body");
    }
    expect(await outcome(() => post(client, failing()))).toBe("lib/offline");
  });

  test("waits with the body where the peer does not read, and lets go of it with the stream", async () => {
    let made = 0;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    async function* large(): AsyncGenerator<Uint8Array> {
      try {
        for (; made < 10_000; made++) yield await Promise.resolve(new Uint8Array(10_000));
      } finally {
        release();
      }
    }
    const { promise: opened, resolve: open } = Promise.withResolvers<ServerHttp2Stream>();
    const client = await clientOf((stream) => {
      stream.pause();
      open(stream);
    });
    const exchange = outcome(() => post(client, large()));
    const stream = await opened;
    for (let round = 0; round < 200; round++) await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBeLessThan(1000);
    stream.close(8);
    await released;
    expect(await exchange).toBe("code 14");
  });

  test("ends an exchange early where the answer came before the body was sent", async () => {
    const client = await clientOf((stream) => {
      stream.respond({ ":status": 200, "grpc-status": "8" }, { endStream: true });
    });
    const answer = await post(client, pieces(...Array.from({ length: 200 }, () => 10_000)));
    expect(answer.header.get("grpc-status")).toBe("8");
    expect((await read(answer)).length).toBe(0);
  });
});
