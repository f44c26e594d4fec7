import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { createHash, generateKeyPairSync, X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:net";
import type { TLSSocket } from "node:tls";
import { type AtlsConnection, type AtlsOptions, connectAtls } from "../../../src/attestation/atls/connect.ts";
import { nonceFields } from "../../../src/attestation/atls/nonce.ts";
import type { Evidence } from "../../../src/attestation/evidence.ts";
import type { EvidenceValidator } from "../../../src/attestation/validator.ts";
import { concludeVerdict } from "../../../src/attestation/verdict.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { type AtlsServer, type AtlsServerOptions, startAtlsServer } from "../../fakes/atls/atls-server.ts";
import { judgeReportData } from "../../fakes/atls/test-validator.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";
import { type ProxyTrouble, startTroubledProxy } from "../../fakes/troubled-proxy.ts";

const NEVER = new AbortController().signal;
const closers: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function serve(options: Partial<AtlsServerOptions> = {}): Promise<AtlsServer> {
  const server = await startAtlsServer({ onSecure: () => {}, ...options });
  closers.push(server.close);
  return server;
}

async function dial(port: number, options: Partial<AtlsOptions> = {}): Promise<AtlsConnection> {
  const connection = await connectAtls({
    endpoint: { host: "127.0.0.1", port },
    clientKey: undefined,
    validate: judgeReportData,
    now: new Date(),
    signal: NEVER,
    timeoutMs: 5000,
    ...options,
  });
  closers.push(connection.close);
  return connection;
}

/** Time for anything under way on loopback to arrive. */
async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await new Promise((resolve) => setImmediate(resolve));
}

describe("connectAtls()", () => {
  test.each(["TLSv1.2", "TLSv1.3"] as const)("accepts good evidence over %s", async (maxVersion) => {
    const { port, hellos } = await serve({ maxVersion });
    const { socket, attestation } = await dial(port);
    expect(socket.getProtocol()).toBe(maxVersion);
    expect(socket.alpnProtocol).toBe("h2");
    expect(attestation.verdict.outcome).toBe("accepted");
    expect(hellos.map(({ serverName }) => serverName)).toEqual([nonceFields(attestation.nonce, "sni").servername]);
    const bound = createHash("sha512").update(attestation.spkiDer).update(attestation.nonce).digest("hex");
    expect(attestation.reportData.toHex()).toBe(bound);
    const certificate = new X509Certificate(attestation.certificateDer);
    expect(certificate.publicKey.export({ type: "spki", format: "der" }).toString("hex")).toBe(
      attestation.spkiDer.toHex(),
    );
  });

  test("uses a nonce of its own and no session of before for each connection", async () => {
    const { port, hellos } = await serve();
    const connections = [await dial(port), await dial(port), await dial(port)];
    expect(new Set(hellos.map(({ serverName }) => serverName)).size).toBe(3);
    expect(connections.map(({ socket }) => socket.isSessionReused())).toEqual([false, false, false]);
  });

  test.each([
    ["sni", true, false],
    ["alpn", false, true],
    ["both", true, true],
  ] as const)("sends the nonce in the form %s", async (nonceForm, inName, inProtocol) => {
    const { port, hellos } = await serve();
    const { attestation } = await dial(port, { nonceForm });
    const [hello] = hellos;
    expect(hello?.serverName !== undefined).toBe(inName);
    expect(hello?.protocols).toEqual([...nonceFields(attestation.nonce, nonceForm).alpnProtocols]);
    expect(hello?.protocols.length === 2).toBe(inProtocol);
  });

  test("sends no application data before the verdict", async () => {
    const events: string[] = [];
    const { promise: secured, resolve: secure } = Promise.withResolvers<TLSSocket>();
    const { port } = await serve({
      onSecure: (socket) => {
        events.push("handshake done");
        socket.on("data", (data) => events.push(`server got ${String(data)}`));
        secure(socket);
      },
    });
    const validate: EvidenceValidator = async (...args) => {
      await secured;
      await rounds(50);
      events.push("accepted");
      return await judgeReportData(...args);
    };
    const { socket } = await dial(port, { validate });
    socket.write("hello");
    while (events.length < 3) await rounds(1);
    expect(events).toEqual(["handshake done", "accepted", "server got hello"]);
  });

  test("sends no application data at all to a peer whose evidence is refused", async () => {
    const { promise: secured, resolve: secure } = Promise.withResolvers<void>();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    let received = 0;
    const { port } = await serve({
      trouble: "wrong-nonce",
      onSecure: (socket) => {
        socket.on("data", ({ length }: Buffer) => {
          received += length;
        });
        socket.on("close", close);
        secure();
      },
    });
    const validate: EvidenceValidator = async (...args) => {
      await secured;
      await rounds(50);
      return await judgeReportData(...args);
    };
    expect(await codeOfAsync(() => dial(port, { validate }))).toBe("attestation/rejected");
    await closed;
    expect(received).toBe(0);
  });

  test.each([
    ["wrong-nonce", "attestation/rejected"],
    ["other-key", "attestation/rejected"],
    ["two-extensions", "atls/certificate-invalid"],
    ["no-evidence", "atls/no-evidence"],
  ] as const)("refuses a server with %s", async (trouble, code) => {
    const { port } = await serve({ trouble });
    expect(await codeOfAsync(() => dial(port))).toBe(code);
  });

  test("refuses the evidence of an earlier connection", async () => {
    const { port } = await serve({ trouble: "replayed-evidence" });
    await dial(port);
    expect(await codeOfAsync(() => dial(port))).toBe("attestation/rejected");
  });

  test("refuses a certificate outside of its time", async () => {
    const { port } = await serve();
    const now = new Date(Date.now() + 3 * 60 * 60 * 1000);
    expect(await codeOfAsync(() => dial(port, { now }))).toBe("atls/certificate-expired");
  });

  test("names the nonce and carries the verdict where evidence is refused", async () => {
    const { port, hellos } = await serve({ trouble: "wrong-nonce" });
    const error = await dial(port).catch((error: unknown) => error);
    if (!(error instanceof ContrastError)) throw new Error("not refused");
    expect(error.message).toContain(Buffer.from(hellos[0]?.serverName ?? "", "base64").toString("hex"));
    expect(error.report?.lines.join("\n")).toContain("REPORT_DATA");
  });

  test("accepts a second kind of evidence where the first is refused, and judges both", async () => {
    const { port } = await serve({
      evidence: (value) => [
        { oid: "1.3.9901.2.2", value: new Uint8Array(64) },
        { oid: "1.3.9901.2.1", value },
      ],
    });
    const judged: string[] = [];
    const validate: EvidenceValidator = (presented, ...rest) => {
      judged.push(presented.oid);
      return judgeReportData(presented, ...rest);
    };
    const { attestation } = await dial(port, { validate });
    expect(attestation.presented.oid).toBe("1.3.9901.2.1");
    expect(judged).toEqual(["1.3.9901.2.2", "1.3.9901.2.1"]);
  });

  test("judges no second kind of evidence once a piece was accepted", async () => {
    const { port } = await serve({
      evidence: (value) => [
        { oid: "1.3.9901.2.1", value },
        { oid: "1.3.9901.2.2", value },
      ],
    });
    let judged = 0;
    const validate: EvidenceValidator = (...args) => {
      judged++;
      return judgeReportData(...args);
    };
    expect((await dial(port, { validate })).attestation.presented.oid).toBe("1.3.9901.2.1");
    expect(judged).toBe(1);
  });

  test.each([
    ["1.3.9901.2.1", "1.3.9901.2.2"],
    ["1.3.9901.2.2", "1.3.9901.2.1"],
  ])(
    "calls a peer refused of which one kind of evidence is refused and the other not checked: %s, %s",
    async (a, b) => {
      const { port } = await serve({ evidence: (value) => [a, b].map((oid) => ({ oid, value })) });
      const validate: EvidenceValidator = ({ oid }) => {
        const outcome = oid === "1.3.9901.2.1" ? "failed" : "unknown";
        const checks = [{ id: "report-data", subject: "REPORT_DATA", outcome }] as const;
        return Promise.resolve(concludeVerdict({} as Evidence, [{ name: "request", checks }], undefined));
      };
      expect(await codeOfAsync(() => dial(port, { validate }))).toBe("attestation/rejected");
    },
  );

  test.each(["P-256", "P-384"])("presents a key on %s to the server", async (namedCurve) => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve });
    const seen = await keySeenBy((port) => dial(port, { clientKey: privateKey }));
    expect(seen).toBe(publicKey.export({ type: "spki", format: "der" }).toString("hex"));
  });

  test("presents an RSA key to the server", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const seen = await keySeenBy((port) => dial(port, { clientKey: privateKey }));
    expect(seen).toBe(publicKey.export({ type: "spki", format: "der" }).toString("hex"));
  });

  test("presents a throw-away key where the caller has none, another one each time", async () => {
    const keys = [await keySeenBy((port) => dial(port)), await keySeenBy((port) => dial(port))];
    expect(keys.map((key) => key.length)).toEqual([182, 182]);
    expect(keys[0]).not.toBe(keys[1]!);
  });

  test("needs no request for a client certificate", async () => {
    const { port } = await serve({ requestCert: false });
    expect((await dial(port)).attestation.verdict.outcome).toBe("accepted");
  });

  test("refuses a key that TLS cannot use", async () => {
    const { port, hellos } = await serve();
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const keys = [privateKey, publicKey, generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey];
    for (const clientKey of keys) {
      expect(await codeOfAsync(() => dial(port, { clientKey }))).toBe("atls/client-key-unsupported");
    }
    expect(hellos).toEqual([]);
  });

  async function keySeenBy(connect: (port: number) => Promise<unknown>): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const { port } = await serve({
      onSecure: (socket) => {
        const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw);
        resolve(publicKey.export({ type: "spki", format: "der" }).toString("hex"));
      },
    });
    await connect(port);
    return await promise;
  }
});

describe("connectAtls() with a peer that is no Coordinator", () => {
  async function listen(server: Server): Promise<number> {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => void server.close());
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  test("says that nothing listens there", async () => {
    const { port, close } = await startAtlsServer({ onSecure: () => {} });
    await close();
    expect(await codeOfAsync(() => dial(port))).toBe("atls/unreachable");
  });

  test("says that there is no such host", async () => {
    // Part of the name is too long for DNS, so that nobody is asked.
    const endpoint = { host: `${"x".repeat(64)}.invalid`, port: 1313 };
    expect(await codeOfAsync(() => dial(0, { endpoint }))).toBe("atls/unreachable");
  });

  test("says that a web server does not answer in TLS", async () => {
    const port = await listen(createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect(await codeOfAsync(() => dial(port))).toBe("atls/not-tls");
  });

  test.each([
    ["the peer hangs up at once", (server: Server) => server.on("connection", (socket) => socket.end())],
    [
      "the peer resets the connection after the first bytes",
      (server: Server) => server.on("connection", (socket) => socket.once("data", () => socket.resetAndDestroy())),
    ],
  ])("says that %s", async (_, behave) => {
    expect(await codeOfAsync(async () => dial(await listen(behave(createServer()))))).toBe("atls/handshake-closed");
  });

  test("says that the peer sent an alert", async () => {
    const alert = Buffer.from("15030300020250", "hex");
    const port = await listen(createServer((socket) => socket.once("data", () => socket.end(alert))));
    expect(await codeOfAsync(() => dial(port))).toBe("atls/handshake-refused");
  });

  test.each([[["http/1.1"]], [[]]])("says that a peer with protocols %p does not speak HTTP/2", async (protocols) => {
    const { port } = await serve({ protocols });
    expect(await codeOfAsync(() => dial(port))).toBe("atls/no-http2");
  });

  test("gives up in time where the peer never answers", async () => {
    const port = await listen(createServer((socket) => socket.on("error", () => {})));
    const started = performance.now();
    expect(await codeOfAsync(() => dial(port, { timeoutMs: 50 }))).toBe("atls/timeout");
    expect(performance.now() - started).toBeLessThan(4000);
  });

  test("gives up in time where the evidence is never judged", async () => {
    const { port } = await serve();
    const validate: EvidenceValidator = () => new Promise(() => {});
    expect(await codeOfAsync(() => dial(port, { validate, timeoutMs: 1500 }))).toBe("atls/attestation-timeout");
  });

  test("stops when the user wants it to, before, during the handshake and while judging", async () => {
    const { port, hellos } = await serve();
    expect(await codeOfAsync(() => dial(port, { signal: AbortSignal.abort() }))).toBe("lib/interrupted");
    expect(hellos).toEqual([]);
    const handshake = new AbortController();
    const silent = await listen(createServer(() => handshake.abort()));
    expect(await codeOfAsync(() => dial(silent, { signal: handshake.signal }))).toBe("lib/interrupted");
    const judging = new AbortController();
    const validate: EvidenceValidator = () => {
      judging.abort();
      return new Promise(() => {});
    };
    expect(await codeOfAsync(() => dial(port, { validate, signal: judging.signal }))).toBe("lib/interrupted");
  });

  test("passes on what a validator throws by itself", async () => {
    const { port } = await serve();
    const validate: EvidenceValidator = () => Promise.reject(new ContrastError("lib/offline", "Cannot fetch"));
    expect(await codeOfAsync(() => dial(port, { validate }))).toBe("lib/offline");
  });
});

describe("connectAtls() with trouble at any byte of the server's handshake", () => {
  const EXPECTED: Readonly<Record<ProxyTrouble, readonly string[]>> = {
    stall: ["atls/timeout"],
    close: ["atls/handshake-closed"],
    reset: ["atls/handshake-closed"],
    garbage: ["atls/not-tls", "atls/handshake-refused", "atls/handshake-closed", "atls/key-unproven"],
  };

  test.each(["TLSv1.2", "TLSv1.3"] as const)("names what happened over %s", async (maxVersion) => {
    const { port } = await serve({ maxVersion });
    const whole = await startTroubledProxy(port, "stall", 1_000_000);
    closers.push(whole.close);
    const { close } = await dial(whole.port);
    close();
    // What follows the handshake itself, such as tickets of TLS 1.3, is not part of what is cut.
    const handshakeBytes = Math.min(whole.passedBytes(), 700);
    for (const [trouble, codes] of Object.entries(EXPECTED) as [ProxyTrouble, readonly string[]][]) {
      const steps = trouble === "stall" ? [0, 3, 60, 300] : [0, 1, 5, 6, 60, 90, 128, 200, 300, 400, 500, 600];
      for (const afterBytes of steps.filter((step) => step < handshakeBytes)) {
        const proxy = await startTroubledProxy(port, trouble, afterBytes);
        const code = await codeOfAsync(() => dial(proxy.port, { timeoutMs: trouble === "stall" ? 60 : 5000 }));
        await proxy.close();
        expect(codes, `${trouble} after ${afterBytes} bytes`).toContain(code);
      }
    }
  });
});

describe("connectAtls() and the environment", () => {
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  afterAll(() => {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  });

  test.each(["0", "1"])("judges alike with NODE_TLS_REJECT_UNAUTHORIZED=%s", async (value) => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = value;
    const good = await serve();
    const bad = await serve({ trouble: "other-key" });
    expect((await dial(good.port)).attestation.verdict.outcome).toBe("accepted");
    expect(await codeOfAsync(() => dial(bad.port))).toBe("attestation/rejected");
  });
});
