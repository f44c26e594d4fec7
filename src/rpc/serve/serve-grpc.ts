import { type AtlsServiceOptions } from "../../attestation/atls/serve-options.ts";
import type { GrpcObserver } from "./grpc-observer.ts";
import type { ServedService } from "./served-service.ts";

/** How a gRPC server over attested TLS works. */
export interface GrpcServerOptions<Admission> {
  readonly atls: Omit<AtlsServiceOptions<Admission>, "onConnection">;
  readonly services: readonly ServedService<Admission>[];
  readonly observer: GrpcObserver;
  /** Of one request, also after it was decompressed. */
  readonly readMaxBytes: number;
}

/** A running server. */
export interface GrpcServer {
  readonly port: number;
  /** Stops listening, lets calls under way finish within `graceMs`, then ends all connections. */
  stop(graceMs: number): Promise<void>;
}
