import { ConfigLookup } from "../kubernetes/config-lookup.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { connectionTargets, type Lookup } from "./connection-targets.ts";
import { EdgeCollector } from "./edge-collector.ts";
import { addEntryPoints } from "./entry-points.ts";
import { hostReferences } from "./env-references.ts";
import { ServiceDirectory } from "./service-directory.ts";
import type { OtherEnd, TopologyEdge } from "./topology-edge.ts";
import { readTopologyService, type TopologyService } from "./topology-service.ts";
import { readTopologyWorkload, type TopologyWorkload } from "./topology-workload.ts";
import { WorkloadFinder } from "./workload-finder.ts";

/** Who talks to whom in a deployment, as far as its YAML shows. */
export interface Topology {
  /** In the order of the input. */
  readonly workloads: readonly TopologyWorkload[];
  readonly services: readonly TopologyService[];
  readonly ends: readonly OtherEnd[];
  /** By workload, egress entries first, then direct references; clients from outside of the cluster last. */
  readonly edges: readonly TopologyEdge[];
}

/** What the YAML does not say. */
export interface TopologyOptions {
  /** Whether `generate` is told to inject no sidecar. */
  readonly skipServiceMesh: boolean;
  /** Domain of the cluster's DNS, usually `cluster.local`. */
  readonly clusterDomain: string;
}

/**
 * Reads workloads and Services and matches them: egress entries to what they reach, addresses in variables and arguments
 * to the Services that they name, Services and Ingresses to the ports that they open for others.
 *
 * @throws ContrastError `topology/too-many-edges`
 */
export function readTopology(objects: readonly KubernetesObject[], options: TopologyOptions): Topology {
  const workloads = withUniqueIds(
    objects.flatMap((object) => readTopologyWorkload(object, options.skipServiceMesh) ?? []),
  );
  const services = withUniqueIds(objects.flatMap((object) => readTopologyService(object) ?? []));
  const namespaces = new Set([...workloads, ...services].flatMap(({ namespace }) => namespace ?? []));
  const lookup = {
    directory: new ServiceDirectory(services, namespaces, options.clusterDomain),
    finder: new WorkloadFinder(workloads),
  };
  const collector = new EdgeCollector();
  const configs = new ConfigLookup(objects, () => {});
  for (const workload of workloads) {
    addEgress(workload, lookup, collector);
    addReferences(workload, configs, lookup, collector);
  }
  addEntryPoints(objects, workloads, services, lookup, collector);
  return { workloads, services, ends: collector.ends, edges: collector.edges };
}

function addEgress(workload: TopologyWorkload, lookup: Lookup, collector: EdgeCollector): void {
  const { id, object, isConfidential, sidecar } = workload;
  for (const { name, listenAddress, listenPort, remoteHost, remotePort } of sidecar?.config.egress ?? []) {
    const listen = `${listenAddress}:${listenPort}`;
    const remote = hostPort(remoteHost, remotePort);
    const start = { from: id, isConfidential, via: "egress", name, listen, remote, place: object.locate([]) } as const;
    collector.add(start, connectionTargets(workload, remoteHost, remotePort, lookup));
  }
}

/** Only addresses of Services count: other words with a colon are too often no addresses. */
function addReferences(
  workload: TopologyWorkload,
  configs: ConfigLookup,
  lookup: Lookup,
  collector: EdgeCollector,
): void {
  const { id, object, isConfidential, namespace } = workload;
  const seen = new Set<string>();
  for (const { host, port, scheme, origin, path } of hostReferences(workload, configs)) {
    const meaning = lookup.directory.resolve(host, namespace);
    if (meaning.kind !== "service") continue;
    const ports = port === undefined ? meaning.service.ports.filter(({ protocol }) => protocol === "TCP") : [{ port }];
    for (const { port: number } of ports.slice(0, 4)) {
      const remote = hostPort(host, number);
      if (seen.has(remote)) continue;
      seen.add(remote);
      const place = object.locate(path);
      const start = { from: id, isConfidential, via: "direct", name: origin, remote, scheme, place } as const;
      collector.add(start, connectionTargets(workload, host, number, lookup));
    }
  }
}

function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Numbers what has the same id as something before it. */
function withUniqueIds<Item extends { readonly id: string }>(items: readonly Item[]): readonly Item[] {
  const counts = new Map<string, number>();
  return items.map((item) => {
    const count = (counts.get(item.id) ?? 0) + 1;
    counts.set(item.id, count);
    // A number sign is in no name that Kubernetes takes.
    return count === 1 ? item : { ...item, id: `${item.id}#${count}` };
  });
}
