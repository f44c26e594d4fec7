import { afterEach } from "bun:test";
import type { GrpcObserver } from "../../src/rpc/serve/grpc-observer.ts";
import { type GrpcServer, type GrpcServerOptions, startGrpcServer } from "../../src/rpc/serve/serve-grpc.ts";
import { type ServedMethods, type ServedService, servedService } from "../../src/rpc/serve/served-service.ts";
import { UserAPI } from "../../src/proto/userapi_pb.ts";
import { BARE_ISSUER, SILENT_LOG } from "./atls/atls-service.ts";

/** Handlers of the user API that a test cares for; the others answer with nothing. */
export type TestHandlers = Partial<ServedMethods<typeof UserAPI, string>>;

/** A server of a test. */
export interface TestGrpcServer extends GrpcServer {
  readonly endpoint: { readonly host: string; readonly port: number };
  /** Lines such as `handled edgelesssys.contrast.userapi.UserAPI Recover OK`. */
  readonly observed: readonly string[];
}

const servers: GrpcServer[] = [];

/** Starts servers of the user API on loopback and ends them after each test. */
export function useGrpcServers(): typeof serveGrpc {
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop(0);
  });
  return serveGrpc;
}

async function serveGrpc(
  handlers: TestHandlers = {},
  change: Partial<Omit<GrpcServerOptions<string>, "atls">> & {
    atls?: Partial<GrpcServerOptions<string>["atls"]>;
    admitLarge?: ServedService<string>["admitLarge"];
  } = {},
): Promise<TestGrpcServer> {
  const observed: string[] = [];
  const service = servedService<typeof UserAPI, string>(
    UserAPI,
    {
      setManifest: () => ({}),
      getManifests: () => ({}),
      recover: () => ({}),
      ...handlers,
    },
    { alsoAs: ["userapi.UserAPI"], admitLarge: change.admitLarge },
  );
  const server = await startGrpcServer<string>({
    services: [service],
    observer: recordingObserver(observed),
    readMaxBytes: 16 * 1024 * 1024,
    ...change,
    atls: {
      address: { host: "127.0.0.1", port: 0 },
      issuer: BARE_ISSUER,
      clientCertificate: "requested",
      admit: () => Promise.resolve({ validate: undefined, admission: "admitted" }),
      onRefused: () => {},
      now: () => new Date(),
      log: SILENT_LOG,
      ...change.atls,
    },
  });
  servers.push(server);
  return {
    port: server.port,
    get connections() {
      return server.connections;
    },
    renewConnections: server.renewConnections,
    stop: server.stop,
    endpoint: { host: "127.0.0.1", port: server.port },
    observed,
  };
}

function recordingObserver(lines: string[]): GrpcObserver {
  return {
    started: (service, method) => lines.push(`started ${service} ${method}`),
    received: (service, method) => lines.push(`received ${service} ${method}`),
    sent: (service, method) => lines.push(`sent ${service} ${method}`),
    handled: (service, method, code) => lines.push(`handled ${service} ${method} ${code}`),
  };
}
