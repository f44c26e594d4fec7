import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext, TLSSocket } from "node:tls";
import type { PresentedEvidence } from "../../../src/attestation/validator.ts";
import { type ClientHello, nonceOf, parseClientHello } from "./client-hello.ts";
import { type CertificateParts, certificatePem, derCertificate } from "./der-certificate.ts";

/** Makes the evidence of one connection, bound to 64 bytes of report data. */
export type EvidenceMaker = (
  reportData: Uint8Array,
) => PresentedEvidence | readonly PresentedEvidence[] | Promise<PresentedEvidence | readonly PresentedEvidence[]>;

/** What a dishonest or broken server does with its certificate. */
export type CertificateTrouble =
  /** Evidence over a nonce that is not the client's. */
  | "wrong-nonce"
  /** Evidence for a key that is not the server's. */
  | "other-key"
  /** The evidence of the first connection again. */
  | "replayed-evidence"
  /** The same evidence twice in one certificate. */
  | "two-extensions"
  | "no-evidence";

/** How the server of a test behaves. */
export interface AtlsServerOptions {
  readonly evidence?: EvidenceMaker;
  readonly trouble?: CertificateTrouble | undefined;
  /** Changes the certificate after everything else. */
  readonly certificate?: (parts: CertificateParts) => CertificateParts;
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  readonly requestCert?: boolean;
  readonly protocols?: readonly string[];
  /** Common names of the authorities that the server accepts; default: its nonce in base64. */
  readonly authorities?: ((nonce: Buffer) => readonly string[]) | undefined;
  /** Names of cipher suites, for TLS 1.2. */
  readonly ciphers?: string | undefined;
  /** Receives every connection whose handshake is done. */
  readonly onSecure: (socket: TLSSocket, hello: ClientHello) => void;
}

/** A server on loopback. */
export interface AtlsServer {
  readonly port: number;
  readonly server: Server;
  /** ClientHellos in the order of their arrival. */
  readonly hellos: readonly ClientHello[];
  /** The nonces of the server, in the order of its certificates. */
  readonly nonces: readonly Buffer[];
  /** Ends all connections with TCP resets. */
  readonly resetAll: () => void;
  readonly close: () => Promise<void>;
}

/** Evidence that is nothing but its report data, for validators of tests. */
const BARE_EVIDENCE: EvidenceMaker = (reportData) => ({ oid: "1.3.9901.2.1", value: reportData });

/** Starts a server that makes a key and a certificate with evidence over the client's nonce for each connection. */
export async function startAtlsServer(options: AtlsServerOptions): Promise<AtlsServer> {
  const hellos: ClientHello[] = [];
  const nonces: Buffer[] = [];
  const sockets = new Set<Socket>();
  const makeParts = certificateMaker(options);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    readHello(socket)
      .then(async ([hello, bytes]) => {
        hellos.push(hello);
        const parts = await makeParts(nonceOf(hello));
        if (socket.destroyed) return;
        socket.unshift(bytes);
        const nonce = randomBytes(32);
        nonces.push(nonce);
        const secure = wrap(socket, parts, nonce, options);
        secure.on("error", () => socket.destroy());
        secure.on("secure", () => options.onSecure(secure, hello));
      })
      .catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  const resetAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return { port, server, hellos, nonces, resetAll, close };
}

function readHello(socket: Socket): Promise<[ClientHello, Buffer]> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onData = (piece: Buffer): void => {
      bytes = Buffer.concat([bytes, piece]);
      try {
        const hello = parseClientHello(bytes);
        if (hello === undefined) return;
        socket.off("data", onData);
        socket.pause();
        resolve([hello, bytes]);
      } catch (error) {
        reject(error);
      }
    };
    socket.on("data", onData);
    socket.once("close", () => reject(new Error("closed")));
  });
}

function certificateMaker(options: AtlsServerOptions): (nonce: Buffer) => Promise<CertificateParts> {
  const { evidence = BARE_EVIDENCE, trouble, certificate = (parts) => parts } = options;
  let first: readonly PresentedEvidence[] | undefined;
  return async (nonce) => {
    const key = newKey();
    const boundKey = trouble === "other-key" ? newKey() : key;
    const boundNonce = trouble === "wrong-nonce" ? randomBytes(32) : nonce;
    const reportData = createHash("sha512").update(spkiOf(boundKey)).update(boundNonce).digest();
    let extensions = [await evidence(new Uint8Array(reportData))].flat();
    first ??= extensions;
    if (trouble === "replayed-evidence") extensions = [...first];
    if (trouble === "two-extensions") extensions = [...extensions, ...extensions];
    if (trouble === "no-evidence") extensions = [];
    return certificate({ key, extensions });
  };
}

function wrap(socket: Socket, parts: CertificateParts, nonce: Buffer, options: AtlsServerOptions): TLSSocket {
  const { authorities = (bytes) => [bytes.toString("base64")] } = options;
  const names = authorities(nonce).map((commonName) => certificatePem(derCertificate({ key: newKey(), commonName })));
  const secureContext = createSecureContext({
    key: parts.key.export({ type: "pkcs8", format: "pem" }),
    cert: certificatePem(derCertificate(parts)),
    ca: names,
    minVersion: "TLSv1.2",
    ...(options.ciphers === undefined ? {} : { ciphers: options.ciphers }),
    ...(options.maxVersion === undefined ? {} : { maxVersion: options.maxVersion }),
  });
  return new TLSSocket(socket, {
    isServer: true,
    secureContext,
    requestCert: options.requestCert ?? true,
    rejectUnauthorized: false,
    ALPNProtocols: [...(options.protocols ?? ["h2"])],
  });
}

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function spkiOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}
