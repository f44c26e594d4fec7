import { Code } from "@connectrpc/connect";
import type { DescService } from "@bufbuild/protobuf";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { MeshAPI } from "../proto/meshapi_pb.ts";
import { UserAPI } from "../proto/userapi_pb.ts";
import type { GrpcObserver } from "../rpc/serve/grpc-observer.ts";

/** What a Coordinator tells Prometheus. */
export interface Metrics {
  /** For the servers of both APIs. */
  readonly observer: GrpcObserver;
  /** Workloads that were refused before a call. */
  readonly attestationFailures: { inc(): void };
  /** Of those, the ones whose evidence could not be checked: what is missing is on this side, or a vendor's. */
  readonly attestationUnchecked: { inc(): void };
  /** 0 without a manifest. */
  readonly generation: { set(generation: number): void };
  /**
   * All metrics in Prometheus' text format, for one answer of a web server; counts itself.
   *
   * @throws Error of the library
   */
  scrape(): Promise<MetricsText>;
}

/** An answer to Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

const BUCKETS_SECONDS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5];
const CALL_LABELS = ["grpc_type", "grpc_service", "grpc_method"] as const;
const GRPC_TYPE = "unary";

/** Every status of gRPC as Go names it. */
const CODE_NAMES: readonly string[] = ["OK", ...Object.values(Code).filter((value) => typeof value === "string")];

/**
 * Makes the metrics of one process, with every method and status at 0, so that a first failure shows as a change.
 *
 * @see coordinator names of Contrast 1.4; grpc-ecosystem/go-grpc-middleware `providers/prometheus`
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });
  const started = counter("contrast_grpc_server_started_total", STARTED_HELP, CALL_LABELS);
  const handled = counter("contrast_grpc_server_handled_total", HANDLED_HELP, [...CALL_LABELS, "grpc_code"]);
  const received = counter("contrast_grpc_server_msg_received_total", RECEIVED_HELP, CALL_LABELS);
  const sent = counter("contrast_grpc_server_msg_sent_total", SENT_HELP, CALL_LABELS);
  const seconds = new Histogram({
    name: "contrast_grpc_server_handling_seconds",
    help: "Histogram of response latency (seconds) of gRPC that had been application-level handled by the server.",
    labelNames: CALL_LABELS,
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const attestationFailures = counter(
    "contrast_meshapi_attestation_failures_total",
    "Number of attestation failures from workloads to the Coordinator.",
    [],
  );
  const attestationUnchecked = counter(
    "contrast_meshapi_attestation_unchecked_total",
    "Number of attestation failures from workloads whose evidence could not be checked, and was not found bad.",
    [],
  );
  const generation = new Gauge({
    name: "contrast_coordinator_manifest_generation",
    help: "Current manifest generation.",
    registers,
  });
  for (const labels of [UserAPI, MeshAPI].flatMap(callsOf)) {
    for (const total of [started, received, sent]) total.inc(labels, 0);
    for (const grpc_code of CODE_NAMES) handled.inc({ ...labels, grpc_code }, 0);
    seconds.zero(labels);
  }
  return {
    observer: {
      started: (service, method) => started.inc(labelsOf(service, method)),
      received: (service, method) => received.inc(labelsOf(service, method)),
      sent: (service, method) => sent.inc(labelsOf(service, method)),
      handled: (service, method, grpc_code, elapsed) => {
        handled.inc({ ...labelsOf(service, method), grpc_code });
        seconds.observe(labelsOf(service, method), elapsed);
      },
    },
    attestationFailures: { inc: () => attestationFailures.inc() },
    attestationUnchecked: { inc: () => attestationUnchecked.inc() },
    generation: { set: (value) => generation.set(value) },
    scrape: createScrape(registry),
  };
}

/** The metrics that Go's `promhttp` adds about itself. */
function createScrape(registry: Registry): Metrics["scrape"] {
  const registers = [registry];
  const requests = new Counter({
    name: "promhttp_metric_handler_requests_total",
    help: "Total number of scrapes by HTTP status code.",
    labelNames: ["code"],
    registers,
  });
  const inFlight = new Gauge({
    name: "promhttp_metric_handler_requests_in_flight",
    help: "Current number of scrapes being served.",
    registers,
  });
  const errors = new Counter({
    name: "promhttp_metric_handler_errors_total",
    help: "Total number of internal errors encountered by the promhttp metric handler.",
    labelNames: ["cause"],
    registers,
  });
  for (const code of ["200", "500", "503"]) requests.inc({ code }, 0);
  for (const cause of ["encoding", "gathering"]) errors.inc({ cause }, 0);
  return async () => {
    inFlight.inc();
    try {
      const text = await registry.metrics();
      requests.inc({ code: "200" });
      return { contentType: registry.contentType, text };
    } catch (error) {
      errors.inc({ cause: "gathering" });
      requests.inc({ code: "500" });
      throw error;
    } finally {
      inFlight.dec();
    }
  };
}

function callsOf({ typeName, methods }: DescService): readonly CallLabels[] {
  return methods.map(({ name }) => labelsOf(typeName, name));
}

type CallLabels = Readonly<Record<(typeof CALL_LABELS)[number], string>>;

function labelsOf(grpc_service: string, grpc_method: string): CallLabels {
  return { grpc_type: GRPC_TYPE, grpc_service, grpc_method };
}

const STARTED_HELP = "Total number of RPCs started on the server.";
const HANDLED_HELP = "Total number of RPCs completed on the server, regardless of success or failure.";
const RECEIVED_HELP = "Total number of RPC stream messages received on the server.";
const SENT_HELP = "Total number of gRPC stream messages sent by the server.";
