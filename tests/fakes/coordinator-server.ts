import { generateKeyPairSync, X509Certificate } from "node:crypto";
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type ServerHttp2Stream,
} from "node:http2";
import type { TLSSocket } from "node:tls";
import { type ConnectRouter, createContextKey, createContextValues } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { Endpoint } from "../../src/attestation/atls/endpoint.ts";
import { MAX_ANSWER_BYTES } from "../../src/proto/message-limits.ts";
import { UserAPI } from "../../src/proto/userapi_pb.ts";
import {
  type AtlsServer,
  type AtlsServerOptions,
  type CertificateTrouble,
  type EvidenceMaker,
  startAtlsServer,
} from "./atls/atls-server.ts";
import { certificatePem, derCertificate } from "./atls/der-certificate.ts";
import { CoordinatorState } from "./coordinator-state.ts";

/** What goes wrong after a good handshake. */
export type CallTrouble =
  /** Nothing is ever answered. */
  | "stall"
  /** The connection is reset when a call arrives. */
  | "reset"
  /** The connection is closed in order when a call arrives. */
  | "close"
  /** Bytes that are no HTTP/2. */
  | "garbage"
  /** A header and half a message, then the stream ends without status. */
  | "half-answer"
  /** A message that announces a byte more than is taken, and sends a part. */
  | "huge-answer"
  /** Endless empty messages. */
  | "endless-answer"
  /** A small message that expands to 65 MiB. */
  | "gzip-bomb"
  /** A compressed message that is not gzip. */
  | "damaged-gzip"
  /** A whole message whose protobuf is damaged. */
  | "damaged-message"
  /** A web page. */
  | "web-page";

/** Name of the service: the one of Contrast 1.4, the one before it, both or neither. */
type Services = "both" | "current" | "legacy" | "none";

/** How the Coordinator of a test behaves. */
export interface FakeCoordinatorOptions {
  /** Default: bare report data as SNP evidence (`BARE_EVIDENCE`), for `judgeReportData`. */
  readonly evidence?: EvidenceMaker | undefined;
  readonly trouble?: CertificateTrouble | CallTrouble | undefined;
  readonly state?: CoordinatorState | undefined;
  readonly services?: Services | undefined;
  readonly atls?: Partial<AtlsServerOptions> | undefined;
}

/** A running Coordinator. */
export interface FakeCoordinator {
  readonly endpoint: Endpoint;
  /** `127.0.0.1:PORT`. */
  readonly address: string;
  readonly state: CoordinatorState;
  /** The TLS side: ClientHellos in the order of arrival. */
  readonly atls: AtlsServer;
  /** Paths of the calls in the order of arrival. */
  readonly calls: readonly string[];
  readonly close: () => Promise<void>;
}

const CERTIFICATE_TROUBLE: ReadonlySet<string> = new Set<CertificateTrouble>([
  "wrong-nonce",
  "other-key",
  "replayed-evidence",
  "two-extensions",
  "no-evidence",
]);

const CALLER_KEY = createContextKey<Uint8Array | undefined>(undefined);
/** The socket of a request is a proxy of the real one: properties reach it, a map from sockets would not. */
const CALLER = Symbol("public key of the caller");

/** Starts a Coordinator that speaks gRPC over attested TLS as Contrast 1.4 does. */
export async function startFakeCoordinator(options: FakeCoordinatorOptions = {}): Promise<FakeCoordinator> {
  const { trouble, state = new CoordinatorState(), services = "both" } = options;
  const calls: string[] = [];
  const http = createHttp(trouble, state, services, calls, () => atls.resetAll());
  const atls = await startAtlsServer({
    ...options.atls,
    ...(options.evidence === undefined ? {} : { evidence: options.evidence }),
    trouble: isCertificateTrouble(trouble) ? trouble : undefined,
    onSecure: (socket) => {
      if (trouble === "garbage") {
        socket.write(Buffer.alloc(40_000, 0xaa));
        return;
      }
      Object.assign(socket, { [CALLER]: callerKey(socket) });
      http.emit("secureConnection", socket);
    },
  });
  const endpoint = { host: "127.0.0.1", port: atls.port };
  return { endpoint, address: `127.0.0.1:${atls.port}`, state, atls, calls, close: atls.close };
}

function isCertificateTrouble(trouble: string | undefined): trouble is CertificateTrouble {
  return trouble !== undefined && CERTIFICATE_TROUBLE.has(trouble);
}

function callerKey(socket: TLSSocket): Uint8Array | undefined {
  const { raw } = socket.getPeerCertificate();
  if (!ArrayBuffer.isView(raw)) return undefined;
  return new Uint8Array(new X509Certificate(raw).publicKey.export({ type: "spki", format: "der" }));
}

function createHttp(
  trouble: FakeCoordinatorOptions["trouble"],
  state: CoordinatorState,
  services: Services,
  calls: string[],
  resetAll: () => void,
): Http2SecureServer {
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const never = {
    key: key.export({ type: "pkcs8", format: "pem" }),
    cert: certificatePem(derCertificate({ key })),
  };
  const server = createSecureServer(never);
  server.on("sessionError", () => {});
  const answer = connectNodeAdapter({
    routes: (router) => addRoutes(router, state, services),
    connect: false,
    grpcWeb: false,
    acceptCompression: [],
    readMaxBytes: 4 * 1024 * 1024,
    contextValues: (request: Http2ServerRequest) => {
      const socket = request.stream.session?.socket as unknown as Record<symbol, Uint8Array | undefined> | undefined;
      return createContextValues().set(CALLER_KEY, socket?.[CALLER]);
    },
  } as Parameters<typeof connectNodeAdapter>[0]);
  if (trouble === undefined || isCertificateTrouble(trouble)) {
    server.on("request", (request, response) => {
      calls.push(request.url);
      answer(request, response);
    });
    return server;
  }
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    calls.push(String(headers[":path"]));
    stream.on("error", () => {});
    if (trouble === "reset") resetAll();
    else misbehave(stream, trouble);
  });
  return server;
}

function addRoutes(router: ConnectRouter, state: CoordinatorState, services: Services): void {
  const implementation: Parameters<typeof router.service<typeof UserAPI>>[1] = {
    setManifest: ({ Manifest, Policies }, { values }) => {
      const { rootCaPem, meshCaPem, seedShares } = state.setManifest(Manifest, Policies, values.get(CALLER_KEY));
      const SeedShares = (seedShares?.shares ?? []).map(({ publicKeyHex, encryptedSeed }) => ({
        PublicKey: publicKeyHex,
        EncryptedSeed: encryptedSeed,
      }));
      const answer = { RootCA: rootCaPem, MeshCA: meshCaPem };
      return seedShares === undefined ? answer : { ...answer, SeedSharesDoc: { SeedShares, salt: seedShares.salt } };
    },
    getManifests: () => {
      const { manifests, policies, root, mesh } = state.getManifests();
      const answer = { Manifests: [...manifests], Policies: [...policies], RootCA: root, MeshCA: mesh };
      if (state.latestTransition === undefined) return answer;
      return { ...answer, LatestTransition: { TransitionHash: state.latestTransition } };
    },
    recover: ({ Seed, Salt }, { values }) => {
      state.recover(Seed, Salt, values.get(CALLER_KEY));
      return {};
    },
  };
  if (services === "current" || services === "both") router.service(UserAPI, implementation);
  if (services === "legacy" || services === "both") router.service(legacyService(), implementation);
}

function legacyService(): typeof UserAPI {
  const renamed = { ...UserAPI, typeName: "userapi.UserAPI" } as unknown as typeof UserAPI;
  const entries = Object.entries(UserAPI.method).map(
    ([name, method]) => [name, { ...method, parent: renamed }] as const,
  );
  return Object.assign(renamed, { method: Object.fromEntries(entries), methods: entries.map(([, method]) => method) });
}

function misbehave(stream: ServerHttp2Stream, trouble: Exclude<CallTrouble, "reset">): void {
  const head = { ":status": 200, "content-type": "application/grpc" };
  const hugeBytes = MAX_ANSWER_BYTES + 1;
  switch (trouble) {
    case "stall":
    case "garbage":
      return;
    case "close":
      stream.session?.destroy();
      return;
    case "half-answer":
      stream.respond(head);
      stream.end(Buffer.from("00000000100a0b", "hex"));
      return;
    case "huge-answer":
      stream.respond(head, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.write(frame(0, hugeBytes));
      stream.end(Buffer.alloc(1024 * 1024));
      return;
    case "endless-answer":
      stream.respond(head);
      stream.on("drain", () => stream.write(Buffer.alloc(1024 * 1024)));
      stream.write(Buffer.alloc(1024 * 1024));
      return;
    case "damaged-gzip":
      stream.respond({ ...head, "grpc-encoding": "gzip" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat([frame(1, 3), Buffer.from("1f8b00", "hex")]));
      return;
    case "gzip-bomb": {
      const bomb = Bun.gzipSync(Buffer.alloc(65 * 1024 * 1024));
      stream.respond({ ...head, "grpc-encoding": "gzip" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat([frame(1, bomb.length), bomb]));
      return;
    }
    case "damaged-message":
      stream.respond(head, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(Buffer.concat([frame(0, 3), Buffer.from("0affff", "hex")]));
      return;
    case "web-page":
      stream.respond({ ":status": 200, "content-type": "text/html" });
      stream.end("<!doctype html>");
      return;
    default:
      trouble satisfies never;
  }
}

/** The five bytes before a gRPC message. */
function frame(flag: number, length: number): Buffer {
  const header = Buffer.alloc(5, flag);
  header.writeUInt32BE(length, 1);
  return header;
}
