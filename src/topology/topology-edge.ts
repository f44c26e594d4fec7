import type { Place } from "../lib/problems.ts";

/**
 * How a connection begins: `egress`: through an egress entry of the sidecar, with mutual TLS; `direct`: the application
 * connects by itself; `entry`: a client outside of the cluster connects.
 */
export type EdgeVia = "egress" | "direct" | "entry";

/**
 * What becomes of a connection:
 * - `mtls`: mutual TLS, or for direct connections and those from outside a port that demands it
 * - `tls`: TLS; everybody can connect, with or without certificate
 * - `attested`: the Coordinator, which proves by attestation what it is
 * - `plain`: the port is exempted from the mesh, so that the application gets what was sent
 * - `refused`: the port demands TLS, which the client does not seem to speak
 * - `no-mesh`: the other end has no sidecar
 * - `nowhere`: nothing in the input answers
 * - `outside`: the other end is not in the input
 */
export type EdgeVerdict = "mtls" | "tls" | "attested" | "plain" | "refused" | "no-mesh" | "nowhere" | "outside";

/** How much it matters: `error` cannot work, `warning` is probably not wanted, `info` is worth knowing, `ok` is as it should be. */
export type EdgeSeverity = "ok" | "info" | "warning" | "error";

/** An end of connections that is no workload. */
export interface OtherEnd {
  /** Unique in the topology. */
  readonly id: string;
  readonly kind: "clients" | "outside" | "nowhere";
  /** Host and port, or who the clients are. */
  readonly label: string;
}

/** One way in which connections go. */
export interface TopologyEdge {
  /** Id of a workload or of an `OtherEnd`. */
  readonly from: string;
  readonly to: string;
  readonly via: EdgeVia;
  /** Name of the egress entry, where a direct reference stands, or what lets clients in. */
  readonly name: string;
  /** Address and port on which the sidecar takes connections; only of egress entries. */
  readonly listen: string | undefined;
  /** Host and port as the client names them. */
  readonly remote: string;
  /** Id of the Service in between. */
  readonly service: string | undefined;
  /** Port of the pod; undefined where no pod is reached. */
  readonly port: number | undefined;
  readonly verdict: EdgeVerdict;
  readonly severity: EdgeSeverity;
  /** The verdict in words, without final period. */
  readonly reason: string;
  readonly place: Place;
}

/** All verdicts, best first. */
export const EDGE_VERDICTS: readonly EdgeVerdict[] = [
  "mtls",
  "tls",
  "attested",
  "plain",
  "refused",
  "no-mesh",
  "nowhere",
  "outside",
];
