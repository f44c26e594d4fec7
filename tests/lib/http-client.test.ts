import { afterAll, describe, expect, test } from "bun:test";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { collectBytes } from "../../src/lib/byte-stream.ts";
import { createHttpClient, type HttpClientOptions, type HttpRequest } from "../../src/lib/http-client.ts";
import { codeOfAsync } from "../fakes/error-code.ts";
import { recordLog } from "../fakes/image-provider.ts";
import { temporaryDirectory } from "../fakes/temporary-directory.ts";
import { makeTestCertificates } from "../fakes/test-certificates.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function serve(answer: RequestListener): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(answer))}/`;
}

interface Options extends Partial<HttpClientOptions>, Partial<Omit<HttpRequest, "url">> {}

/** Fetches a text. */
async function get(url: string, options: Options = {}): Promise<string> {
  const signal = new AbortController().signal;
  const client = createHttpClient({ offline: false, log: recordLog(), signal, ...options });
  const limits = { idleTimeoutMs: 5000, totalTimeoutMs: 5000 };
  const response = await client.request({ url: new URL(url), purpose: "test", verifyTls: true, ...limits, ...options });
  const bytes = await collectBytes(response.body, 1024 * 1024, () => new Error("too large"));
  return `${response.status} ${new TextDecoder().decode(bytes)}`;
}

function rejection(url: string, options?: Options): Promise<string> {
  return codeOfAsync(() => get(url, options));
}

describe("createHttpClient()", () => {
  test("sends what it is told and returns status and body as they are", async () => {
    const url = await serve((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        response.writeHead(302, { location: "/elsewhere" });
        response.end(
          `${request.method} ${String(request.headers["x-test"])} ${request.headers["accept-encoding"]} ${body}`,
        );
      });
    });
    const options = { method: "POST", headers: { "x-test": "yes" }, body: "text" } as const;
    expect(await get(url, options)).toBe("302 POST yes identity text");
  });

  test("leaves content codings alone", async () => {
    const packed = Bun.gzipSync("hello");
    const url = await serve((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(packed));
    expect((await get(url)).length).toBeGreaterThan("200 hello".length);
  });

  test("names each access in the debug log, without query and headers", async () => {
    const url = await serve((_, response) => response.end());
    const log = recordLog();
    await get(`${url}path?secret=1`, { log, headers: { authorization: "secret" } });
    expect(log.lines).toEqual([`debug network access {"purpose":"test","method":"GET","url":"${url}path"}`]);
  });

  test("opens no socket offline", async () => {
    let asked = 0;
    const url = await serve((_, response) => response.end(String(asked++)));
    expect(await rejection(url, { offline: true })).toBe("lib/offline");
    expect(asked).toBe(0);
  });

  test("gives broken, refused and unknown connections one code", async () => {
    const broken = await serve((_, response) => {
      response.writeHead(200, { "content-length": "10" }).write("abc");
      setTimeout(() => response.destroy(), 5);
    });
    expect(await rejection(broken)).toBe("lib/network-unreachable");
    expect(await rejection("http://127.0.0.1:1/")).toBe("lib/network-unreachable");
    expect(await rejection("http://host.invalid/")).toBe("lib/network-unreachable");
  });

  test("keeps advice to programmers out of messages", async () => {
    const broken = await serve((request) => request.socket.destroy());
    const error = await get(broken).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "lib/network-unreachable" });
    expect(String(error)).not.toContain("verbose");
  });

  test("does not wait for a header, a body, or a body that drips", async () => {
    const silent = await serve(() => {});
    expect(await rejection(silent, { idleTimeoutMs: 30 })).toBe("lib/network-timeout");
    const stuck = await serve((_, response) => void response.writeHead(200).write("abc"));
    expect(await rejection(stuck, { idleTimeoutMs: 30 })).toBe("lib/network-timeout");
    const dripping = await serve((_, response) => {
      const timer = setInterval(() => response.write("a"), 5);
      response.on("close", () => clearInterval(timer));
    });
    expect(await rejection(dripping, { idleTimeoutMs: 1000, totalTimeoutMs: 80 })).toBe("lib/network-timeout");
  });

  test("ends when the user interrupts, before and during the answer", async () => {
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200).write("abc");
      controller.abort();
    });
    expect(await rejection(url, { signal: controller.signal })).toBe("lib/interrupted");
    expect(await rejection(url, { signal: controller.signal })).toBe("lib/interrupted");
  });

  test("hangs up when the rest of the answer is not wanted", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const url = await serve((_, response) => {
      response.on("close", resolve);
      response.writeHead(200).write("abc");
    });
    const client = createHttpClient({ offline: false, log: recordLog(), signal: new AbortController().signal });
    const limits = { idleTimeoutMs: 5000, totalTimeoutMs: 5000 };
    const response = await client.request({ url: new URL(url), purpose: "test", verifyTls: true, ...limits });
    await response.discard();
    await promise;
  });
});

const certificates = makeTestCertificates(temporaryDirectory());
if (certificates === undefined && process.env["CI"] === "true") throw new Error("openssl is missing");

describe.if(certificates !== undefined)("createHttpClient() over TLS", () => {
  const { ca = "", key = "", cert = "" } = certificates ?? {};
  const tlsServer = async (): Promise<number> =>
    await listen(createTlsServer({ key, cert }, (_, response) => response.end("secret")) as unknown as Server);

  test("trusts only what it is told to", async () => {
    const port = await tlsServer();
    expect(await get(`https://127.0.0.1:${port}/`, { caPem: ca })).toBe("200 secret");
    expect(await rejection(`https://127.0.0.1:${port}/`)).toBe("lib/tls-failed");
    expect(await get(`https://127.0.0.1:${port}/`, { verifyTls: false })).toBe("200 secret");
    // The certificate names 127.0.0.1 and nothing else.
    expect(await rejection(`https://localhost:${port}/`, { caPem: ca })).toBe("lib/tls-failed");
    const plain = await serve((_, response) => response.end());
    expect(await rejection(plain.replace("http:", "https:"), { caPem: ca })).toBe("lib/tls-failed");
  });

  test("is not persuaded by the environment to trust anybody", async () => {
    const port = await tlsServer();
    const result = await runClient(`https://127.0.0.1:${port}/`, { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
    expect(result).toBe("lib/tls-failed");
  });

  test("goes through the proxy of the environment, but not for hosts that are excepted", async () => {
    const port = await tlsServer();
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      asked.push(request.url ?? "");
      const upstream = connect(port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
        upstream.pipe(socket).pipe(upstream);
      });
      for (const end of [upstream, socket]) end.on("error", () => {});
    });
    const HTTPS_PROXY = `http://127.0.0.1:${await listen(proxy)}`;
    const url = `https://127.0.0.1:${port}/`;
    expect(await runClient(url, { HTTPS_PROXY, NO_PROXY: "", TEST_CA: ca })).toBe("200 secret");
    expect(asked).toEqual([`127.0.0.1:${port}`]);
    expect(await runClient(url, { HTTPS_PROXY, NO_PROXY: "127.0.0.1", TEST_CA: ca })).toBe("200 secret");
    expect(asked.length).toBe(1);
  });
});

/** Runs one request in a process of its own, whose environment decides. */
async function runClient(url: string, env: Readonly<Record<string, string>>): Promise<string> {
  const program = `
    import { createHttpClient } from "./src/lib/http-client.ts";
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const caPem = process.env.TEST_CA;
    const client = createHttpClient({ offline: false, log, caPem, signal: new AbortController().signal });
    const limits = { idleTimeoutMs: 5000, totalTimeoutMs: 5000 };
    try {
      const response = await client.request({ url: new URL("${url}"), purpose: "test", verifyTls: true, ...limits });
      let text = "";
      for await (const chunk of response.body) text += new TextDecoder().decode(chunk);
      console.log(response.status + " " + text);
    } catch (error) {
      console.log(error.code);
    }`;
  const child = Bun.spawn([process.execPath, "-e", program], { env: { ...process.env, ...env }, stderr: "ignore" });
  return (await new Response(child.stdout).text()).trim();
}
