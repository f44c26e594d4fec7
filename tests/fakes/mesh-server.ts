import { generateKeyPairSync } from "node:crypto";
import type { AtlsRefusal } from "../../src/attestation/atls/serve/serve-options.ts";
import type { Endpoint } from "../../src/attestation/atls/endpoint.ts";
import type { EvidenceIssuer } from "../../src/attestation/issuer.ts";
import type { EvidenceValidator } from "../../src/attestation/validator.ts";
import { createCertificateAuthority } from "../../src/coordinator/ca/certificate-authority.ts";
import { MeshAPI } from "../../src/proto/meshapi_pb.ts";
import { startGrpcServer } from "../../src/rpc/serve/serve-grpc.ts";
import { servedService } from "../../src/rpc/serve/served-service.ts";
import { judgeReportData } from "./atls/test-validator.ts";
import { recordLog } from "./image-provider.ts";

/** What a mesh API answers; PEM as text. */
export interface MeshAnswer {
  readonly meshCa: string;
  readonly certChain: string;
  readonly rootCa: string;
  readonly secret: Uint8Array;
}

/** How the mesh API of a test behaves. */
export interface MeshServerOptions {
  /** Evidence of the server; default: none, as in Contrast 1.4. */
  readonly issuer?: EvidenceIssuer | undefined;
  /** Judges clients; default: `judgeReportData`. */
  readonly validate?: EvidenceValidator | undefined;
  /** Changes the answer, or throws a ConnectError in its place. `call` counts from 1. */
  readonly change?: ((answer: MeshAnswer, call: number) => MeshAnswer | Promise<MeshAnswer>) | undefined;
  readonly now?: (() => Date) | undefined;
}

/** A mesh API on loopback. */
export interface MeshServer {
  readonly endpoint: Endpoint;
  readonly refusals: readonly AtlsRefusal[];
  /** SubjectPublicKeyInfo of the callers, in hexadecimal digits, in order. */
  readonly callers: readonly string[];
  readonly close: () => Promise<void>;
}

/** A workload secret of the usual length. */
export const WORKLOAD_SECRET: Uint8Array = new Uint8Array(64).fill(0xab);

/** An answer for a key, made by a certificate authority of its own. */
export function meshAnswer(spkiDer: Uint8Array, now: Date): MeshAnswer {
  const root = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const ca = createCertificateAuthority(root, now);
  const leaf = ca.issue({ spkiDer, sans: ["web", "*"], claims: [], now });
  return {
    meshCa: ca.meshPem,
    certChain: leaf + ca.intermediatePem,
    rootCa: ca.rootPem,
    secret: WORKLOAD_SECRET,
  };
}

/** Starts the product's own server with an answer of the test's making. */
export async function startMeshServer(options: MeshServerOptions = {}): Promise<MeshServer> {
  const { validate = judgeReportData, change = (answer) => answer, now = () => new Date() } = options;
  const refusals: AtlsRefusal[] = [];
  const callers: string[] = [];
  const silent = (): void => {};
  const server = await startGrpcServer<undefined>({
    atls: {
      address: { host: "127.0.0.1", port: 0 },
      issuer: options.issuer,
      clientCertificate: "attested",
      admit: () => Promise.resolve({ validate, admission: undefined }),
      onRefused: (refusal) => void refusals.push(refusal),
      now,
      log: recordLog(),
    },
    services: [
      servedService<typeof MeshAPI, undefined>(MeshAPI, {
        newMeshCert: async (_request, { peer }) => {
          const spkiDer = peer?.spkiDer ?? new Uint8Array();
          callers.push(Buffer.from(spkiDer).toString("hex"));
          const { meshCa, certChain, rootCa, secret } = await change(meshAnswer(spkiDer, now()), callers.length);
          const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
          return {
            MeshCACert: utf8(meshCa),
            CertChain: utf8(certChain),
            RootCACert: utf8(rootCa),
            WorkloadSecret: new Uint8Array(secret),
          };
        },
      }),
    ],
    observer: { started: silent, received: silent, sent: silent, handled: silent },
    readMaxBytes: 1024,
  });
  return {
    endpoint: { host: "127.0.0.1", port: server.port },
    refusals,
    callers,
    close: () => server.stop(0),
  };
}
