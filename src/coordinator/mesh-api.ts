import { Code } from "@connectrpc/connect";
import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { MeshAPI } from "../proto/meshapi_pb.ts";
import type { GrpcCallContext, ServedService } from "../rpc/serve/served-service.ts";
import { servedService } from "../rpc/serve/served-service.ts";
import type { Authority } from "./authority.ts";
import { logFailure } from "./log-failure.ts";
import { type MeshCertificate, newMeshCertificate } from "./mesh-certificate.ts";
import type { Snapshot } from "./snapshot.ts";
import { statusOf } from "./status-of.ts";

/** What the mesh API answers with. */
export interface MeshApiOptions {
  readonly authority: Pick<Authority, "isInForce">;
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * The API for workloads. The connections are those on which the client is attested, by the snapshot of its handshake.
 * Where another manifest has come into force since, the client must connect again: else a workload that no manifest
 * allows any more could renew its certificates for as long as it keeps its connection.
 */
export function meshApiService({ authority, now, log }: MeshApiOptions): ServedService<Snapshot> {
  return servedService<typeof MeshAPI, Snapshot>(MeshAPI, {
    newMeshCert: (_request, context) => {
      log.info("NewMeshCert called");
      try {
        const { policyHash, meshCaPem, certChainPem, rootCaPem, workloadSecret } = certify(context, authority, now());
        log.info("NewMeshCert succeeded", { policyHash });
        return {
          MeshCACert: utf8(meshCaPem),
          CertChain: utf8(certChainPem),
          RootCACert: utf8(rootCaPem),
          ...(workloadSecret === undefined ? {} : { WorkloadSecret: workloadSecret }),
        };
      } catch (error) {
        const status = statusOf(error, Code.Unknown);
        logFailure(log, "NewMeshCert", status, error);
        throw status;
      }
    },
  });
}

function certify(
  { admission, evidence, peer }: GrpcCallContext<Snapshot>,
  authority: MeshApiOptions["authority"],
  now: Date,
): MeshCertificate {
  if (evidence === undefined || peer === undefined) {
    throw new ContrastError("coordinator/peer-unattested", "Cannot certify a workload: its connection is not attested");
  }
  if (!authority.isInForce(admission)) {
    throw new ContrastError(
      "coordinator/manifest-replaced",
      "Cannot certify a workload: another manifest was set since it connected; connect again",
    );
  }
  return newMeshCertificate(admission, evidence, peer.spkiDer, now);
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
