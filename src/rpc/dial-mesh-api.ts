import type { KeyObject } from "node:crypto";
import { createClient } from "@connectrpc/connect";
import type { ClientHandshake } from "../attestation/atls/client-handshake.ts";
import { connectMutualAtls } from "../attestation/atls/connect-mutual.ts";
import { type Endpoint, renderEndpoint } from "../attestation/atls/endpoint.ts";
import type { NonceForm } from "../attestation/atls/nonce.ts";
import type { EvidenceIssuer } from "../attestation/issuer.ts";
import type { EvidenceValidator } from "../attestation/validator.ts";
import { encodePublicKeyDer, publicKeyOf } from "../lib/der-key.ts";
import { ContrastError } from "../lib/errors.ts";
import { MeshAPI } from "../proto/meshapi_pb.ts";
import { checkMeshCertificate } from "./check-mesh-certificate.ts";
import { explainCall } from "./explain-call.ts";
import { createGrpcConnection, type GrpcConnection } from "./grpc-connection.ts";
import type { MeshCertificate } from "./mesh-certificate.ts";

/** How the mesh API of a Coordinator is dialled. */
export interface MeshDialOptions {
  /** Private, P-256: the workload's key, which the certificate will be for. */
  readonly key: KeyObject;
  readonly issuer: EvidenceIssuer;
  /** Undefined: the Coordinator is not attested, as Coordinators of version 1.4 cannot be here. */
  readonly validate: EvidenceValidator | undefined;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** For connecting, the making of evidence, and the handshake together; 30 s by default. */
  readonly timeoutMs?: number | undefined;
  /** For each call; 60 s by default. */
  readonly callTimeoutMs?: number | undefined;
  readonly nonceForm?: NonceForm | undefined;
  readonly handshake?: ClientHandshake | undefined;
}

/** A connection to the mesh API of a Coordinator, which has seen evidence of this machine. */
export interface MeshSession {
  /**
   * Asks for the certificate of this workload. The answer hangs together; see `checkMeshCertificate`.
   *
   * @throws ContrastError `rpc/policy-not-in-manifest`, `rpc/client-refused` where the Coordinator does not accept the
   *   evidence, `rpc/mesh-certificate-invalid`, and what `callError` makes of other failures
   */
  newMeshCert(): Promise<MeshCertificate>;
  /** Ends the connection. */
  readonly close: () => void;
}

const CALL_TIMEOUT_MS = 60_000;
/** Certificates with all claims take some KiB. */
const LIMITS = { maxAnswerBytes: 1024 * 1024, maxRequestBytes: 1024 } as const;

/**
 * Connects to the mesh API of a Coordinator and shows it evidence of this machine. Every call makes a new connection with
 * nonces of its own.
 *
 * @throws ContrastError what `connectMutualAtls` throws
 */
export async function dialMeshApi(endpoint: Endpoint, options: MeshDialOptions): Promise<MeshSession> {
  const { key, now, signal, callTimeoutMs: timeoutMs = CALL_TIMEOUT_MS } = options;
  const { socket } = await connectMutualAtls({ ...options, endpoint, now: now() });
  const connection = createGrpcConnection(socket, endpoint, LIMITS);
  const api = createClient(MeshAPI, connection.transport);
  const call = { method: "NewMeshCert", endpoint, signal, timeoutMs } as const;
  return {
    newMeshCert: async () => {
      try {
        const answer = await explainCall(() => api.newMeshCert({}, { signal, timeoutMs }), call);
        const certificate = {
          meshCaPem: answer.MeshCACert,
          certChainPem: answer.CertChain,
          rootCaPem: answer.RootCACert,
          workloadSecret: answer.WorkloadSecret,
        };
        checkMeshCertificate(certificate, { spkiDer: encodePublicKeyDer(publicKeyOf(key), "spki"), now: now() });
        return certificate;
      } catch (error) {
        throw refusalOf(error, connection, endpoint);
      }
    },
    close: connection.close,
  };
}

/**
 * A Coordinator that does not accept a client ends the connection before it says anything in HTTP/2. In TLS 1.3 the client
 * has finished its part of the handshake by then, so this shows with its first call.
 */
function refusalOf(error: unknown, { hasPeerSpoken }: GrpcConnection, endpoint: Endpoint): unknown {
  if (!(error instanceof ContrastError) || error.code !== "rpc/unavailable" || hasPeerSpoken()) return error;
  const fact = "it ended the connection when it had seen the evidence of this machine";
  return new ContrastError("rpc/client-refused", `Cannot get a certificate at "${renderEndpoint(endpoint)}": ${fact}`, {
    cause: error,
    hint: "Look into the log of the Coordinator for the reason; the manifest may not allow this machine.",
  });
}
