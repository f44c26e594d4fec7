import { PROXY_PORTS } from "../servicemesh/annotation-keys.ts";
import type { DeclaredPort, TopologyWorkload } from "./topology-workload.ts";

/**
 * What a connection from outside of the pod to a port needs:
 * - `mutual-tls`: a certificate of the mesh
 * - `tls`: TLS; a certificate of the client is optional
 * - `clear`: nothing; it reaches the application as it is
 * - `refused`: it is closed or dropped, whatever the client does
 */
export type PortMode = "mutual-tls" | "tls" | "clear" | "refused";

/** One row of the table of a workload's ports. */
export interface PortRow {
  /** Undefined for every port that has no row of its own. */
  readonly port: number | undefined;
  readonly protocol: string;
  /** Name of the port of the container, or else of the ingress entry. */
  readonly name: string | undefined;
  /** Containers that declare it; empty where only the mesh names it. */
  readonly containers: readonly string[];
  readonly mode: PortMode;
  readonly isAdmin: boolean;
}

/**
 * How a port can be reached from outside of the pod.
 *
 * @param protocol as Kubernetes writes it
 */
export function portMode({ sidecar, isCoordinator }: TopologyWorkload, port: number, protocol = "TCP"): PortMode {
  if (sidecar === undefined) return isCoordinator ? "tls" : "clear";
  if (protocol !== "TCP") return sidecar.protection.udp === "refuse" ? "refused" : "clear";
  if (PROXY_PORTS.includes(port)) return "refused";
  const entry = sidecar.config.ingress.find((each) => each.port === port);
  if (entry === undefined) return "mutual-tls";
  return entry.disableTls ? "clear" : "tls";
}

/** The table of ports: declared ones, those that the mesh names besides, the admin interface, all others. */
export function portTable(workload: TopologyWorkload): readonly PortRow[] {
  const { ports, sidecar } = workload;
  const adminPort = sidecar?.config.adminPort;
  const groups = Map.groupBy(ports, ({ number, protocol }) => `${protocol} ${number}`);
  const rows: PortRow[] = Array.from(groups.values(), (same) => declaredRow(workload, same, adminPort));
  const declared = new Set(ports.filter(({ protocol }) => protocol === "TCP").map(({ number }) => number));
  const row = (port: number, name: string): PortRow => {
    const mode = portMode(workload, port);
    return { port, protocol: "TCP", name: name || undefined, containers: [], mode, isAdmin: port === adminPort };
  };
  for (const { port, name } of sidecar?.config.ingress ?? []) {
    if (declared.has(port)) continue;
    declared.add(port);
    rows.push(row(port, name));
  }
  if (adminPort !== undefined && !declared.has(adminPort)) rows.push(row(adminPort, "admin"));
  const sorted = rows.toSorted((left, right) => (left.port ?? 0) - (right.port ?? 0));
  const others: PortRow = {
    port: undefined,
    protocol: "TCP",
    name: undefined,
    containers: [],
    mode: portMode(workload, 0),
    isAdmin: false,
  };
  return workload.isCoordinator ? sorted : [...sorted, others];
}

function declaredRow(workload: TopologyWorkload, same: readonly DeclaredPort[], admin: number | undefined): PortRow {
  const [first] = same;
  const { number: port = 0, protocol = "TCP" } = first ?? {};
  return {
    port,
    protocol,
    name: same.find(({ name }) => name !== undefined)?.name,
    containers: same.map(({ container }) => container),
    mode: portMode(workload, port, protocol),
    isAdmin: protocol === "TCP" && port === admin,
  };
}
