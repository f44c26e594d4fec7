import type { AtlsServiceOptions } from "../../attestation/atls/serve/serve-options.ts";
import { startAtlsService } from "../../attestation/atls/serve/serve.ts";
import { ByteBudget } from "./byte-budget.ts";
import { createCallRoutes } from "./call-routes.ts";
import { DEFAULT_GRPC_LIMITS, type GrpcLimits } from "./grpc-limits.ts";
import type { GrpcObserver } from "./grpc-observer.ts";
import { serveSession } from "./serve-session.ts";
import type { ServedService } from "./served-service.ts";
import type { WatchedSession } from "./watched-session.ts";

/** How a gRPC server over attested TLS works. */
export interface GrpcServerOptions<Admission> {
  readonly atls: Omit<AtlsServiceOptions<Admission>, "onConnection">;
  readonly services: readonly ServedService<Admission>[];
  readonly observer: GrpcObserver;
  /** Of one request. */
  readonly readMaxBytes: number;
  readonly limits?: Partial<GrpcLimits> | undefined;
}

/** A running server. */
export interface GrpcServer {
  readonly port: number;
  /** Open connections, with those whose handshake is not done. */
  readonly connections: number;
  /** Lets all clients connect again: calls under way are answered, and their connections take no other. */
  readonly renewConnections: () => void;
  /** Stops listening, lets calls under way finish within `graceMs`, then ends all connections. */
  readonly stop: (graceMs: number) => Promise<void>;
}

/**
 * Serves unary gRPC calls on connections that `startAtlsService` checked. A method that nobody serves is answered with
 * `Unimplemented`.
 *
 * @throws ContrastError what `startAtlsService` throws
 */
export async function startGrpcServer<Admission>(options: GrpcServerOptions<Admission>): Promise<GrpcServer> {
  const { observer, services, readMaxBytes } = options;
  const limits = { ...DEFAULT_GRPC_LIMITS, ...options.limits };
  const routes = createCallRoutes(services, { observer, readMaxBytes, log: options.atls.log });
  const { heldBytes: bytes, patienceMs } = limits;
  const budget = new ByteBudget({ bytes, patienceMs, clockMs: () => performance.now() });
  const parts = { routes, limits, budget, observer };
  const sessions = new Set<WatchedSession>();
  let onEmpty: () => void = () => {};
  const atls = await startAtlsService<Admission>({
    ...options.atls,
    onConnection: (connection, setWaiting) => {
      const session = serveSession(connection, { ...parts, setWaiting }, () => {
        sessions.delete(session);
        if (sessions.size === 0) onEmpty();
      });
      sessions.add(session);
    },
  });
  const ticker = setInterval(() => {
    for (const session of sessions) session.tick();
  }, limits.tickMs);
  ticker.unref();
  const renewConnections = (): void => {
    for (const session of sessions) session.close();
  };
  return {
    port: atls.port,
    get connections() {
      return atls.connections;
    },
    renewConnections,
    stop: async (graceMs) => {
      atls.stopListening();
      const emptied = Promise.withResolvers<void>();
      onEmpty = emptied.resolve;
      const timer = setTimeout(emptied.resolve, graceMs);
      renewConnections();
      if (sessions.size === 0) emptied.resolve();
      await emptied.promise;
      clearTimeout(timer);
      clearInterval(ticker);
      atls.destroyAll();
    },
  };
}
