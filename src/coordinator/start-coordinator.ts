import type { EvidenceValidatorOptions } from "../attestation/evidence-validator.ts";
import type { EvidenceIssuer } from "../attestation/issuer.ts";
import type { Logger } from "../lib/log.ts";
import { type GrpcServer, startGrpcServer } from "../rpc/serve/serve-grpc.ts";
import { type Authority, createAuthority } from "./authority.ts";
import type { History } from "./history/history.ts";
import type { ListenAddress } from "./listen-address.ts";
import { createMeshAdmission } from "./mesh-admission.ts";
import { meshApiService } from "./mesh-api.ts";
import type { Metrics } from "./metrics.ts";
import { type ProbeServer, startProbeServer } from "./probe-server.ts";
import { type RequestLimits, USUAL_REQUEST_LIMITS } from "./request-limits.ts";
import { userApiService } from "./user-api.ts";

/** What a Coordinator is made of. */
export interface CoordinatorOptions extends Pick<EvidenceValidatorOptions, "at" | "roots" | "gather"> {
  readonly addresses: CoordinatorAddresses;
  readonly history: History;
  /** Proves the Coordinator to its users. */
  readonly issuer: EvidenceIssuer;
  readonly metrics: Metrics;
  /** Whether the probes' address tells the metrics too. */
  readonly metricsWithProbes: boolean;
  readonly now: () => Date;
  readonly log: Logger;
  /** For what a group of the program does; the same text may come from several. */
  readonly groupLog: (group: string) => Logger;
  /** Told of every verdict about a workload; nobody is told unless given. */
  readonly validatorLog?: Logger | undefined;
  /** Default: those of a Coordinator with enough memory. */
  readonly requestLimits?: RequestLimits | undefined;
}

/** Where a Coordinator listens; undefined: not at all. */
export interface CoordinatorAddresses {
  readonly userApi: ListenAddress;
  readonly meshApi: ListenAddress;
  readonly metrics: ListenAddress | undefined;
  readonly probes: ListenAddress | undefined;
}

/** A running Coordinator. */
export interface RunningCoordinator {
  readonly ports: { readonly userApi: number; readonly meshApi: number; readonly http: readonly number[] };
  /** Stops both APIs, which let calls under way finish within `graceMs`, then metrics and probes. */
  stop(graceMs: number): Promise<void>;
}

/** A message of the mesh API has no content. */
const MAX_MESH_REQUEST_BYTES = 64 * 1024;

/**
 * Starts all servers of a Coordinator at once; where one fails, none is left.
 *
 * @throws ContrastError `atls/listen-failed`, `coordinator/probe-listen-failed`
 */
export async function startCoordinator(options: CoordinatorOptions): Promise<RunningCoordinator> {
  const { addresses, history, metrics, now, log, groupLog } = options;
  const authority = createAuthority({
    history,
    now,
    maxAnswerBytes: options.requestLimits?.answerBytes,
    log: groupLog("mesh-authority"),
    onGeneration: (generation) => {
      metrics.generation.set(generation);
      endEarlierConnections();
    },
  });
  // Workloads are judged by the manifest when they connect; who stays connected would only be told to connect again.
  let endEarlierConnections: () => void = () => {};
  let isUp = false;
  const probeServer = (address: ListenAddress, isForMetrics: boolean): Promise<ProbeServer> =>
    startProbeServer({
      address,
      metrics: isForMetrics ? metrics : undefined,
      isUp: () => isUp,
      isReady: () => authority.isReady(),
      log,
    });
  const starting = await Promise.allSettled([
    startUserApi(options, userApiService({ authority, log: groupLog("userapi") })),
    startMeshApi(options, authority),
    ...(addresses.metrics === undefined ? [] : [probeServer(addresses.metrics, true)]),
    ...(addresses.probes === undefined ? [] : [probeServer(addresses.probes, options.metricsWithProbes)]),
  ]);
  const [userApi, meshApi, ...http] = starting;
  const httpServers = http.flatMap((started) => (started.status === "fulfilled" ? [started.value] : []));
  const stop = async (graceMs: number): Promise<void> => {
    isUp = false;
    const servers = [userApi, meshApi].flatMap((started) => (started.status === "fulfilled" ? [started.value] : []));
    await Promise.all(servers.map((server) => server.stop(graceMs)));
    await Promise.all(httpServers.map((server) => server.stop()));
  };
  const failure = starting.find(({ status }) => status === "rejected");
  if (userApi.status === "rejected" || meshApi.status === "rejected" || failure?.status === "rejected") {
    await stop(0);
    throw failure?.status === "rejected" ? failure.reason : undefined;
  }
  isUp = true;
  endEarlierConnections = meshApi.value.renewConnections;
  const ports = { userApi: userApi.value.port, meshApi: meshApi.value.port, http: httpServers.map(({ port }) => port) };
  return { ports, stop };
}

function startUserApi(
  { addresses, issuer, metrics, now, log, requestLimits = USUAL_REQUEST_LIMITS }: CoordinatorOptions,
  service: ReturnType<typeof userApiService>,
): Promise<GrpcServer> {
  return startGrpcServer({
    atls: {
      address: addresses.userApi,
      issuer,
      clientCertificate: "requested",
      admit: () => Promise.resolve({ validate: undefined, admission: undefined }),
      onRefused: () => {},
      now,
      log,
    },
    services: [service],
    observer: metrics.observer,
    readMaxBytes: requestLimits.requestBytes,
    limits: { heldBytes: requestLimits.heldBytes },
  });
}

function startMeshApi(options: CoordinatorOptions, authority: Authority): Promise<GrpcServer> {
  const { addresses, metrics, now } = options;
  const log = options.groupLog("meshapi");
  return startGrpcServer({
    atls: {
      address: addresses.meshApi,
      // Version 1.4 does not prove the Coordinator to workloads: their own policy names the cluster they run in.
      issuer: undefined,
      clientCertificate: "attested",
      admit: createMeshAdmission({ ...options, authority }),
      onRefused: ({ reason, error }) => {
        if (reason !== "attestation") return;
        metrics.attestationFailures.inc();
        if (error.code === "attestation/unchecked") metrics.attestationUnchecked.inc();
      },
      now,
      log,
    },
    services: [meshApiService({ authority, now, log })],
    observer: metrics.observer,
    readMaxBytes: MAX_MESH_REQUEST_BYTES,
  });
}
