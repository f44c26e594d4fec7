import { describe, expect, test } from "bun:test";
import { createHash, createPublicKey, generateKeyPairSync } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { connectAtls } from "../../../../src/attestation/atls/connect.ts";
import { connectMutualAtls } from "../../../../src/attestation/atls/connect-mutual.ts";
import { createNonce } from "../../../../src/attestation/atls/nonce.ts";
import type { EvidenceIssuer } from "../../../../src/attestation/issuer.ts";
import { ContrastError } from "../../../../src/lib/errors.ts";
import {
  ATTESTED,
  BARE_ISSUER,
  SILENT_LOG,
  type TestAtlsService,
  useAtlsServices,
} from "../../../fakes/atls/atls-service.ts";
import { type CertificateParts, certificatePem, derCertificate } from "../../../fakes/atls/der-certificate.ts";
import { answerableHello, handshakeMessage, helloBody, tlsRecord } from "../../../fakes/atls/hello-bytes.ts";
import { judgeReportData } from "../../../fakes/atls/test-validator.ts";
import { codeOfAsync } from "../../../fakes/error-code.ts";
import { seededRandom } from "../../../fakes/mutations.ts";
import { until } from "../../../fakes/until.ts";

const serve = useAtlsServices();
const { signal } = new AbortController();
const CLIENT = { clientKey: undefined, validate: judgeReportData, signal, timeoutMs: 10_000 };

function newKey() {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function connect({ endpoint }: TestAtlsService, change = {}): ReturnType<typeof connectAtls> {
  return connectAtls({ ...CLIENT, endpoint, now: new Date(), ...change });
}

function connectMutual({ endpoint }: TestAtlsService, issuer: EvidenceIssuer): ReturnType<typeof connectMutualAtls> {
  return connectMutualAtls({ endpoint, key: newKey(), issuer, validate: judgeReportData, now: new Date(), signal });
}

/** A client of the platform; resolves when TLS is done. */
function tlsClient({ port }: TestAtlsService, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host: "127.0.0.1",
      port,
      servername: createNonce().toBase64(),
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
      ...options,
    });
    socket.on("error", reject);
    socket.once("secureConnect", () => resolve(socket));
  });
}

function tcpClient({ port }: TestAtlsService, ...pieces: readonly Uint8Array[]): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: "127.0.0.1", port }, () => {
      for (const piece of pieces) socket.write(piece);
      resolve(socket);
    });
    socket.on("error", () => {});
  });
}

/** All that a server sends until it ends the connection. */
function received(socket: Socket): Promise<Buffer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.once("close", () => resolve(Buffer.concat(pieces)));
  });
}

/** A client with a certificate of its own. */
function presenting(parts: Partial<CertificateParts>): ConnectionOptions {
  const key = parts.key ?? newKey();
  return {
    key: key.export({ type: "pkcs8", format: "pem" }),
    cert: certificatePem(derCertificate({ ...parts, key })),
  };
}

describe("startAtlsService()", () => {
  test.each(["sni", "alpn", "both"] as const)("proves itself over a nonce in form %s", async (nonceForm) => {
    const service = await serve();
    const key = newKey();
    const { attestation, close } = await connect(service, { nonceForm, clientKey: key });
    expect(attestation.verdict.outcome).toBe("accepted");
    const { peer, evidence, admission } = await service.nextServed();
    expect(peer?.publicKey.equals(createPublicKey(key))).toBeTrue();
    expect([peer?.spkiDer.length, evidence, admission]).toEqual([91, undefined, "admitted"]);
    close();
  });

  test("has a key of its own for each connection, and the certificate that aTLS wants", async () => {
    const service = await serve();
    const [one, other] = await Promise.all([connect(service), connect(service)]);
    expect(one.attestation.spkiDer).not.toEqual(other.attestation.spkiDer);
    for (const { close } of [one, other]) close();
  });

  test("presents no evidence without an issuer", async () => {
    const service = await serve({ issuer: undefined });
    expect(await codeOfAsync(() => connect(service))).toBe("atls/no-evidence");
  });

  test.each(["TLSv1.2", "TLSv1.3"] as const)(
    "lets a client without certificate in where it may, %s",
    async (version) => {
      const service = await serve();
      const socket = await tlsClient(service, { maxVersion: version });
      expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, "h2"]);
      expect((await service.nextServed()).peer).toBeUndefined();
      socket.destroy();
    },
  );

  test("takes a client whose evidence is over the nonce of the server, and hands on what was judged", async () => {
    const service = await serve(ATTESTED);
    const { close } = await connectMutual(service, BARE_ISSUER);
    const { evidence, admission, peer } = await service.nextServed();
    expect([typeof evidence, admission, peer?.spkiDer.length]).toEqual(["object", "attested", 91]);
    close();
  });

  test("refuses evidence over another nonce, and hands nothing on", async () => {
    const service = await serve(ATTESTED);
    const wrong = { ...BARE_ISSUER, issue: () => BARE_ISSUER.issue(new Uint8Array(64), signal) };
    await connectMutual(service, wrong).catch(() => {});
    const { reason, error } = await service.nextRefusal();
    expect([reason, error.code, service.served.length]).toEqual(["attestation", "attestation/rejected", 0]);
  });

  test.each([
    ["atls/client-certificate-missing", {}],
    ["atls/no-evidence", presenting({})],
    ["atls/certificate-expired", presenting({ notBefore: new Date(0), notAfter: new Date(1000) })],
    ["atls/certificate-invalid", presenting({ extensions: [{ oid: "1.2.3", value: Buffer.of(), critical: true }] })],
  ] as const)("refuses workloads with %s", async (code, certificate) => {
    const service = await serve(ATTESTED);
    const closed = tlsClient(service, certificate).then((socket) => received(socket));
    const { reason, error } = await service.nextRefusal();
    expect([reason, error.code, service.served.length]).toEqual(["attestation", code, 0]);
    await closed;
  });

  test("refuses a user whose certificate is out of date, without counting an attestation", async () => {
    const service = await serve();
    void tlsClient(service, presenting({ notBefore: new Date(0), notAfter: new Date(1000) })).catch(() => {});
    const { reason, error } = await service.nextRefusal();
    expect([reason, error.code]).toEqual(["handshake", "atls/certificate-expired"]);
  });

  test("refuses an attested client where nothing judges it", async () => {
    const admit = () => Promise.resolve({ validate: undefined, admission: "x" });
    const service = await serve({ clientCertificate: "attested", admit });
    expect(await codeOfAsync(() => connect(service))).toBe("atls/handshake-refused");
    expect((await service.nextRefusal()).error.code).toBe("lib/internal");
  });

  test("refuses with an alert whom it does not admit", async () => {
    const error = new ContrastError("rpc/no-manifest", "no manifest");
    const service = await serve({ ...ATTESTED, admit: () => Promise.reject(error) });
    expect(await codeOfAsync(() => connect(service))).toBe("atls/handshake-refused");
    expect(await service.nextRefusal()).toMatchObject({ reason: "admission", error });
  });

  test("refuses a client when there is no evidence to be had", async () => {
    const issue = () => Promise.reject(new ContrastError("atls/timeout", "no device"));
    const service = await serve({ issuer: { ...BARE_ISSUER, issue } });
    expect(await codeOfAsync(() => connect(service))).toBe("atls/handshake-refused");
    expect(await service.nextRefusal()).toMatchObject({ reason: "handshake", error: { code: "atls/timeout" } });
  });

  test("tells its operator that there is no evidence to be had, and nothing of clients that break off", async () => {
    const told: string[] = [];
    const note = (text: string): void => void told.push(text);
    const log = { ...SILENT_LOG, info: note, warn: note, error: note };
    let isBroken = false;
    const issue: EvidenceIssuer["issue"] = (...request) =>
      isBroken ? Promise.reject(new ContrastError("issuer/host-failed", "no firmware")) : BARE_ISSUER.issue(...request);
    const service = await serve({ issuer: { ...BARE_ISSUER, issue }, log });
    (await tcpClient(service, Buffer.from("GET / HTTP/1.1\r\n\r\n"))).destroy();
    await service.nextRefusal();
    expect(told).toEqual([]);
    isBroken = true;
    await codeOfAsync(() => connect(service));
    await service.nextRefusal();
    expect(told).toEqual(["cannot make evidence for a client"]);
  });

  test.each([
    ["atls/nonce-invalid", { servername: "coordinator.example" }, 80],
    ["atls/nonce-invalid", { servername: "" }, 80],
    ["atls/protocol-missing", { ALPNProtocols: ["http/1.1"] }, 120],
    ["atls/client-refused", { maxVersion: "TLSv1.1", minVersion: "TLSv1.1" }, 70],
  ] as const)("refuses with an alert a hello with %s of %p", async (code, options) => {
    const service = await serve();
    const failure = await tlsClient(service, options as ConnectionOptions).catch((error: unknown) => error);
    expect(String((failure as { code?: string }).code)).toContain("ALERT");
    expect((await service.nextRefusal()).error.code).toBe(code);
  });

  test.each([
    ["atls/hello-invalid", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["atls/hello-invalid", tlsRecord(handshakeMessage(helloBody(), 2))],
  ] as const)("says nothing to who does not speak TLS: %s", async (code, bytes) => {
    const service = await serve();
    const socket = await tcpClient(service, bytes);
    expect((await received(socket)).length).toBe(0);
    expect((await service.nextRefusal()).error.code).toBe(code);
  });

  test("hears that a client went away, before and after its hello", async () => {
    const service = await serve();
    (await tcpClient(service, Buffer.of(22))).end();
    expect((await service.nextRefusal()).error.code).toBe("atls/client-closed");
    const begun = await tcpClient(service, answerableHello(createNonce().toBase64()));
    begun.once("data", () => begun.destroy());
    expect((await service.nextRefusal()).error.code).toBe("atls/client-closed");
    await until(() => service.connections === 0);
  });

  test("makes evidence for others while it waits for the evidence of one", async () => {
    const waiting: (() => void)[] = [];
    const issue: EvidenceIssuer["issue"] = async (reportData, signal) => {
      if (waiting.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      return await BARE_ISSUER.issue(reportData, signal);
    };
    const service = await serve({ issuer: { ...BARE_ISSUER, issue } });
    let isSlowDone = false;
    const slow = connect(service).then((connection) => {
      isSlowDone = true;
      return connection;
    });
    await until(() => waiting.length > 0);
    const fast = await connect(service);
    expect(isSlowDone).toBeFalse();
    waiting[0]?.();
    for (const { close } of [fast, await slow]) close();
  });

  test("makes no more evidence at one time than allowed", async () => {
    let running = 0;
    let most = 0;
    const issue: EvidenceIssuer["issue"] = async (reportData, signal) => {
      most = Math.max(most, ++running);
      await Bun.sleep(2);
      running--;
      return await BARE_ISSUER.issue(reportData, signal);
    };
    const service = await serve({ issuer: { ...BARE_ISSUER, issue }, limits: { issuing: 2 } });
    const connections = await Promise.all(Array.from({ length: 8 }, () => connect(service)));
    expect(most).toBe(2);
    for (const { close } of connections) close();
  });

  test("serves 200 connections at once, each with evidence of its own", async () => {
    const service = await serve(ATTESTED);
    const connections = await Promise.all(Array.from({ length: 200 }, () => connectMutual(service, BARE_ISSUER)));
    while (service.served.length < 200) await service.nextServed();
    const keys = service.served.map(({ peer }) =>
      createHash("sha256")
        .update(peer?.spkiDer ?? "")
        .digest("hex"),
    );
    expect(new Set(keys).size).toBe(200);
    expect(new Set(connections.map(({ attestation }) => attestation?.spkiDer.toHex())).size).toBe(200);
    expect(service.connections).toBe(200);
    for (const { close } of connections) close();
  }, 20_000);

  test.each([
    ["hello", {}, []],
    ["hello", {}, [Buffer.of(22, 3, 1)]],
    ["tls", {}, [answerableHello(createNonce().toBase64())]],
    [
      "issuing",
      { issuer: { ...BARE_ISSUER, issue: () => new Promise<never>(() => {}) } },
      [answerableHello(createNonce().toBase64())],
    ],
    ["admission", { admit: () => new Promise<never>(() => {}) }, [answerableHello(createNonce().toBase64())]],
  ])("gives up a handshake that is not done in time, %s", async (_phase, change, pieces) => {
    const service = await serve({ ...change, limits: { handshakeTimeoutMs: 50 } });
    const closed = received(await tcpClient(service, ...pieces));
    expect((await service.nextRefusal()).error.code).toBe("atls/client-timeout");
    await closed;
    await until(() => service.connections === 0);
  });

  test("gives up a client whose evidence is not judged in time, and keeps little of what it sends", async () => {
    const admit = () => Promise.resolve({ validate: () => new Promise<never>(() => {}), admission: "never" });
    const service = await serve({ clientCertificate: "attested", admit, limits: { handshakeTimeoutMs: 1000 } });
    const socket = await tlsClient(service, presenting({ extensions: [{ oid: "1.3.9901.2.1", value: Buffer.of(1) }] }));
    socket.on("error", () => {});
    const sentBytes = 32 * 1024 * 1024;
    socket.write(Buffer.alloc(sentBytes));
    const { reason, error } = await service.nextRefusal();
    expect([reason, error.code, service.served.length]).toEqual(["attestation", "atls/client-timeout", 0]);
    // What was not taken stays with the client, but for the buffers of the system on the way.
    expect(socket.writableLength).toBeGreaterThan(sentBytes / 2);
    socket.destroy();
  });

  test.each([
    ["connections", { connections: 2 }],
    ["connections of an address", { connectionsPerAddress: 2 }],
    ["handshakes", { handshakes: 2 }],
    ["handshakes of an address", { handshakesPerAddress: 2 }],
  ])("refuses one of too many %s, and takes the next when there is room", async (_what, limits) => {
    const service = await serve({ limits });
    const silent = [await tcpClient(service), await tcpClient(service)];
    await until(() => service.connections >= 2);
    await received(await tcpClient(service));
    expect(await service.nextRefusal()).toMatchObject({
      reason: "limit",
      error: { code: "atls/too-many-connections" },
    });
    silent[0]?.destroy();
    await until(() => service.connections <= 1);
    (await connect(service)).close();
    silent[1]?.destroy();
  });

  test("serves others while hundreds of clients send rubbish, stop in the middle or reset", async () => {
    const service = await serve();
    const random = seededRandom(4711);
    const hello = answerableHello(createNonce().toBase64());
    const rubbish = await Promise.all(
      Array.from({ length: 300 }, async (_, index) => {
        const bytes = [...hello.subarray(0, random(hello.length + 1))];
        for (let flip = random(4); flip > 0 && bytes.length > 0; flip--) bytes[random(bytes.length)] = random(256);
        const tail = Array.from({ length: random(64) }, () => random(256));
        const socket = await tcpClient(service, Uint8Array.from([...bytes, ...tail]));
        if (index % 3 === 0) socket.resetAndDestroy();
        if (index % 3 === 1) socket.end();
        return socket;
      }),
    );
    (await connect(service)).close();
    for (const socket of rubbish) socket.destroy();
    await until(() => service.connections === 0);
    expect(service.refusals.every(({ reason }) => reason === "handshake")).toBeTrue();
  }, 10_000);

  test("lets silent clients make room for others", async () => {
    const service = await serve({ limits: { handshakes: 8, patienceMs: 0 } });
    const silent = await Promise.all(Array.from({ length: 8 }, () => tcpClient(service)));
    await until(() => service.connections >= 8);
    (await connect(service)).close();
    expect((await service.nextRefusal()).error.code).toBe("atls/client-timeout");
    for (const socket of silent) socket.destroy();
  });

  test("ends one connection where its receiver throws", async () => {
    let count = 0;
    const onConnection = (): void => {
      if (++count === 1) throw new Error("defect");
    };
    const service = await serve({ onConnection });
    const { socket } = await connect(service);
    await new Promise((resolve) => socket.once("close", resolve).resume());
    const { close } = await connect(service);
    close();
  });

  test("stops listening, ends handshakes at once, and other connections when told", async () => {
    const service = await serve();
    const { socket } = await connect(service);
    await service.nextServed();
    const half = received(await tcpClient(service, Buffer.of(22)));
    await until(() => service.connections >= 2);
    service.stopListening();
    await half;
    expect(await codeOfAsync(() => connect(service))).toBe("atls/unreachable");
    expect([service.connections, service.refusals.length]).toEqual([1, 0]);
    const closed = new Promise((resolve) => socket.once("close", resolve).resume());
    service.destroyAll();
    await closed;
  });

  test("says so where it cannot listen", async () => {
    const service = await serve();
    const address = { host: "127.0.0.1", port: service.port };
    expect(await codeOfAsync(() => serve({ address }))).toBe("atls/listen-failed");
  });
});
