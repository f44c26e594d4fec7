import { afterEach, describe, expect, test } from "bun:test";
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:net";
import { createSecureContext, type TLSSocket } from "node:tls";
import {
  connectMutualAtls,
  type MutualAtlsConnection,
  type MutualAtlsOptions,
} from "../../../src/attestation/atls/connect-mutual.ts";
import {
  type CertificateSetter,
  createLateCertificateHandshake,
} from "../../../src/attestation/atls/late-certificate/late-certificate-handshake.ts";
import type { EvidenceIssuer } from "../../../src/attestation/issuer.ts";
import { ContrastError } from "../../../src/lib/errors.ts";
import { parseCertificate } from "../../../src/pki/x509/certificate.ts";
import { type AtlsServer, type AtlsServerOptions, startAtlsServer } from "../../fakes/atls/atls-server.ts";
import { certificatePem, derCertificate } from "../../fakes/atls/der-certificate.ts";
import { REPORT_DATA_ISSUER } from "../../fakes/atls/report-data-issuer.ts";
import { judgeReportData } from "../../fakes/atls/test-validator.ts";
import { startTroubledProxy } from "../../fakes/troubled-proxy.ts";
import { codeOfAsync } from "../../fakes/error-code.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;
const KEY = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const SPKI = createPublicKey(KEY).export({ type: "spki", format: "der" });
const NONCE_64 = randomBytes(32).toString("base64");
const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Served extends AtlsServer {
  /** Connections whose handshake is done, in order. */
  readonly secured: readonly TLSSocket[];
  /** The next of them. */
  readonly next: Promise<TLSSocket>;
}

async function serve(options: Partial<AtlsServerOptions> = {}): Promise<Served> {
  const secured: TLSSocket[] = [];
  const { promise: next, resolve } = Promise.withResolvers<TLSSocket>();
  const server = await startAtlsServer({
    onSecure: (socket) => {
      secured.push(socket);
      resolve(socket);
    },
    ...options,
  });
  closers.push(server.close);
  return { ...server, secured, next };
}

async function dial(port: number, options: Partial<MutualAtlsOptions> = {}): Promise<MutualAtlsConnection> {
  const connection = await connectMutualAtls({
    endpoint: { host: "127.0.0.1", port },
    key: KEY,
    issuer: REPORT_DATA_ISSUER,
    validate: undefined,
    now: new Date(),
    signal: new AbortController().signal,
    timeoutMs: 5000,
    ...options,
  });
  closers.push(connection.close);
  return connection;
}

/** A TCP server that does one thing with each connection. */
async function listen(onConnection: Parameters<typeof createServer>[1]): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => {});
    closers.push(() => socket.destroy());
    onConnection?.(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function issuing(issue: EvidenceIssuer["issue"]): EvidenceIssuer {
  return { ...REPORT_DATA_ISSUER, issue };
}

describe("connectMutualAtls()", () => {
  test.each(VERSIONS)("shows evidence for its key over the server's nonce in %s", async (maxVersion) => {
    const { port, next, nonces, hellos } = await serve({ maxVersion });
    const { socket, attestation } = await dial(port);
    expect([socket.getProtocol(), socket.alpnProtocol, attestation]).toEqual([maxVersion, "h2", undefined]);
    const { raw } = (await next).getPeerCertificate();
    const certificate = parseCertificate(raw, "certificate");
    expect(Buffer.from(certificate.spkiDer)).toEqual(SPKI);
    const bound = createHash("sha512").update(SPKI).update(nonces[0]!).digest("hex");
    expect(certificate.extensions.map(({ oid, critical, value }) => [oid, critical, value.toHex()])).toEqual([
      ["1.3.9901.2.1", false, bound],
    ]);
    const read = new X509Certificate(raw);
    expect([read.subject, read.issuer, read.verify(read.publicKey)]).toEqual(["CN=Contrast", "CN=Contrast", true]);
    expect(hellos[0]?.serverName?.length).toBe(44);
  });

  test.each(VERSIONS)("answers each connection of %s by its own nonce", async (maxVersion) => {
    const { port, nonces } = await serve({ maxVersion });
    const seen: string[] = [];
    const issuer = issuing((value) => {
      seen.push(Buffer.from(value).toString("hex"));
      return Promise.resolve({ oid: "1.3.9901.2.1", value });
    });
    await Promise.all(Array.from({ length: 8 }, () => dial(port, { issuer })));
    const wanted = nonces.map((nonce) => createHash("sha512").update(SPKI).update(nonce).digest("hex"));
    expect(seen.toSorted()).toEqual(wanted.toSorted());
    expect(new Set(wanted).size).toBe(8);
  });

  test.each(VERSIONS)("shows evidence of 40 kB that takes its time in %s", async (maxVersion) => {
    const { port, next } = await serve({ maxVersion });
    const value = randomBytes(40_000);
    const issuer = issuing(async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      return { oid: "1.3.9901.2.2", value };
    });
    await dial(port, { issuer });
    const { raw } = (await next).getPeerCertificate();
    expect(Buffer.from(parseCertificate(raw, "certificate").extensions[0]!.value)).toEqual(value);
  });

  test.each(VERSIONS)("carries data in both directions afterwards in %s", async (maxVersion) => {
    const sent = randomBytes(3_000_000);
    const { port, next } = await serve({ maxVersion });
    const { socket } = await dial(port);
    const server = await next;
    server.pipe(server);
    socket.write(sent);
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of socket) {
      pieces.push(piece as Buffer);
      length += (piece as Buffer).length;
      if (length >= sent.length) break;
    }
    expect(Buffer.concat(pieces).equals(sent)).toBe(true);
  });

  test("judges the server where it is asked to, before any data is sent", async () => {
    const { port } = await serve();
    const { attestation } = await dial(port, { validate: judgeReportData });
    expect(attestation?.verdict.outcome).toBe("accepted");
    const { port: bad } = await serve({ trouble: "wrong-nonce" });
    expect(await codeOfAsync(() => dial(bad, { validate: judgeReportData }))).toBe("attestation/rejected");
    const { port: none } = await serve({ trouble: "no-evidence" });
    expect(await codeOfAsync(() => dial(none, { validate: judgeReportData }))).toBe("atls/no-evidence");
    await dial(none);
  });

  // A change of the runtime that makes one of these fail must be answered by another way to do the handshake.
  describe("with a TLS stack that does not take a certificate late", () => {
    const setOther: CertificateSetter = (socket) => {
      const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
      const cert = certificatePem(derCertificate({ key }));
      socket.setKeyCert(createSecureContext({ key: key.export({ type: "pkcs8", format: "pem" }), cert }));
    };

    test.each([
      ["ignores it", "TLSv1.2", () => {}],
      ["ignores it", "TLSv1.3", () => {}],
      ["sends another", "TLSv1.2", setOther],
      ["sends another", "TLSv1.3", setOther],
    ] as const)("says so where it %s in %s, and sends the server none", async (_name, maxVersion, setCertificate) => {
      const { port, secured } = await serve({ maxVersion });
      const handshake = createLateCertificateHandshake(setCertificate);
      expect(await codeOfAsync(() => dial(port, { handshake }))).toBe("atls/late-certificate-unsupported");
      expect(secured).toEqual([]);
    });
  });

  test.each(VERSIONS)("refuses a server that asks for no certificate in %s", async (maxVersion) => {
    const { port } = await serve({ maxVersion, requestCert: false });
    expect(await codeOfAsync(() => dial(port))).toBe("atls/no-certificate-request");
  });

  test.each([
    ["no name", () => []],
    ["two names", (nonce: Buffer) => [nonce.toString("base64"), NONCE_64]],
    ["a name that is no nonce", () => ["Contrast"]],
  ])("refuses a server that accepts %s", async (_name, authorities) => {
    for (const maxVersion of VERSIONS) {
      const { port, secured } = await serve({ maxVersion, authorities });
      expect(await codeOfAsync(() => dial(port))).toBe("atls/server-nonce-invalid");
      expect(secured).toEqual([]);
    }
  });

  test("names what is wrong with a peer that is no Coordinator", async () => {
    const silent = await listen(() => {});
    const closing = await listen((socket) => socket.once("data", () => socket.end()));
    const resetting = await listen((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const web = await listen((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    const refusing = await listen((socket) =>
      socket.once("data", () => socket.end(Buffer.from("15030300020228", "hex"))),
    );
    const cutting = await listen((socket) =>
      socket.once("data", () => socket.end(Buffer.from("1603030004020000ff", "hex"))),
    );
    const babbling = await listen((socket) =>
      socket.once("data", () => socket.end(Buffer.from("160303000502000001ff", "hex"))),
    );
    const { port: withoutHttp2 } = await serve({ protocols: ["http/1.1"] });
    const codes = [silent, closing, resetting, web, refusing, cutting, babbling, withoutHttp2].map((port) =>
      codeOfAsync(() => dial(port, { timeoutMs: port === silent ? 200 : 10_000 })),
    );
    expect(await Promise.all(codes)).toEqual([
      "atls/timeout",
      "atls/handshake-closed",
      "atls/handshake-closed",
      "atls/not-tls",
      "atls/handshake-refused",
      "atls/handshake-closed",
      "atls/handshake-invalid",
      "atls/no-http2",
    ]);
    expect(await codeOfAsync(() => dial(1))).toBe("atls/unreachable");
  });

  test.each(["reset", "close", "garbage"] as const)(
    "fails in time where a handshake ends with %s at any point",
    async (trouble) => {
      for (const maxVersion of VERSIONS) {
        const { port } = await serve({ maxVersion });
        for (let afterBytes = 0; afterBytes < 1000; afterBytes += 83) {
          const proxy = await startTroubledProxy(port, trouble, afterBytes);
          const code = await codeOfAsync(() => dial(proxy.port, { timeoutMs: 3000 }));
          await proxy.close();
          // What comes behind the handshake is another matter.
          if (proxy.passedBytes() < afterBytes) continue;
          expect([
            "atls/handshake-closed",
            "atls/handshake-refused",
            "atls/handshake-invalid",
            "atls/not-tls",
            "no error, returned object",
          ]).toContain(code);
        }
      }
    },
  );

  test("leaves no connection behind when it gives up", async () => {
    const { promise: reset, resolve } = Promise.withResolvers<void>();
    // A server that keeps its half open can write for ever to a client that has only closed its own half.
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      closers.push(() => socket.destroy());
      socket.on("error", () => resolve());
      const write = (): unknown => socket.destroyed || socket.write(Buffer.alloc(1000), () => setImmediate(write));
      socket.on("end", write).resume();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closers.push(() => server.close());
    const { port } = server.address() as { port: number };
    expect(await codeOfAsync(() => dial(port, { timeoutMs: 50 }))).toBe("atls/timeout");
    await reset;
  });

  test("fails as its issuer fails", async () => {
    const { port } = await serve();
    const error = new ContrastError("issuer/no-tee", "test");
    expect(await codeOfAsync(() => dial(port, { issuer: issuing(() => Promise.reject(error)) }))).toBe("issuer/no-tee");
  });

  test("does not wait for its issuer for ever, and tells that it did", async () => {
    const { port } = await serve();
    let aborted = false;
    const issuer = issuing((_data, signal) => {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise(() => {});
    });
    const failure = dial(port, { issuer, timeoutMs: 1000 });
    expect(await codeOfAsync(() => failure)).toBe("atls/timeout");
    // A timeout that nothing more is known of has no cause.
    expect(await failure.catch((error: Error) => error.cause)).toMatchObject({ code: "atls/timeout" });
    expect(aborted).toBe(true);
  });

  test("ends with the user's wish, before and during the handshake", async () => {
    const before = AbortSignal.abort();
    const { port } = await serve();
    expect(await codeOfAsync(() => dial(port, { signal: before }))).toBe("lib/interrupted");
    const controller = new AbortController();
    const issuer = issuing(() => {
      controller.abort();
      return new Promise(() => {});
    });
    expect(await codeOfAsync(() => dial(port, { issuer, signal: controller.signal }))).toBe("lib/interrupted");
  });
});
