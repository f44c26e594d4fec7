import type { Json, JsonObject } from "../../lib/json.ts";
import type { Place } from "../../lib/problems.ts";
import { DEFAULT_SIDECAR_OPTIONS, sidecarPlan } from "../../servicemesh/sidecar-plan.ts";
import { portTable } from "../port-mode.ts";
import type { Topology } from "../topology.ts";
import type { TopologyEdge } from "../topology-edge.ts";
import type { TopologyWorkload } from "../topology-workload.ts";

/** Members of `contrast/mesh-graph/v1` beside `schema` and `ok`; docs/mesh-views.md describes them. */
export function graphJson({ workloads, services, ends, edges }: Topology): JsonObject {
  return {
    workloads: workloads.map((workload) => ({ ...identityJson(workload), sidecar: workload.sidecar !== undefined })),
    services: services.map(({ id, name, namespace, type, isHeadless, ports }) => ({
      id,
      name,
      namespace: namespace ?? null,
      type,
      headless: isHeadless,
      ports: ports.map(({ port, protocol, targetPort }) => ({ port, protocol, targetPort })),
    })),
    ends: ends.map(({ id, kind, label }) => ({ id, kind, label })),
    edges: edges.map((edge) => edgeJson(edge)),
  };
}

/**
 * One member of `workloads` of `contrast/mesh-render/v1`; what is found stands beside `workloads`.
 *
 * @param edges of its own egress entries
 */
export function workloadJson(workload: TopologyWorkload, edges: readonly TopologyEdge[]): JsonObject {
  return {
    ...identityJson(workload),
    sidecar: sidecarJson(workload),
    ports: portTable(workload).map(({ port, protocol, name, containers, mode, isAdmin }) => ({
      port: port ?? null,
      protocol,
      name: name ?? null,
      containers,
      mode,
      admin: isAdmin,
    })),
    remotes: edges.map((edge) => edgeJson(edge)),
  };
}

function identityJson({ id, object, namespace, runtimeClass, isConfidential, isCoordinator }: TopologyWorkload) {
  const { kind, name } = object;
  const { file, line } = object.locate([]);
  return {
    id,
    kind,
    name: name ?? null,
    namespace: namespace ?? null,
    runtimeClass: runtimeClass ?? null,
    confidential: isConfidential,
    coordinator: isCoordinator,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  };
}

function sidecarJson({ sidecar }: TopologyWorkload): Json {
  if (sidecar === undefined) return null;
  const { origin, config, protection, findings, staleSettings } = sidecar;
  const { bootstrap, rules } = sidecarPlan(config, { ...DEFAULT_SIDECAR_OPTIONS, ...protection });
  return {
    origin,
    starts: findings.every(({ severity }) => severity !== "error"),
    stale: staleSettings,
    adminPort: config.adminPort ?? null,
    ipv6: protection.ipv6,
    udp: protection.udp,
    bootstrap,
    rules: rules.map(({ family, table, chain, match, target }) => ({ family, table, chain, match, target })),
  };
}

function edgeJson({
  from,
  to,
  via,
  name,
  listen,
  remote,
  service,
  port,
  verdict,
  severity,
  reason,
  place,
}: TopologyEdge) {
  return {
    from,
    to,
    via,
    name,
    listen: listen ?? null,
    remote,
    service: service ?? null,
    port: port ?? null,
    verdict,
    severity: severity === "ok" ? null : severity,
    reason,
    ...placeJson(place),
  };
}

function placeJson({ file, line, column, path }: Place): JsonObject {
  return {
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
    ...(column !== undefined && { column }),
    ...(path !== undefined && { path }),
  };
}
