import { readTopology, type Topology, type TopologyOptions } from "../../src/topology/topology.ts";
import { objectsFrom } from "./objects.ts";

/** The topology of a YAML text. */
export function topologyOf(yaml: string, change: Partial<TopologyOptions> = {}): Topology {
  return readTopology(objectsFrom(yaml), { skipServiceMesh: false, clusterDomain: "cluster.local", ...change });
}

/** Edges as `from > to:port verdict severity`. */
export function edgesIn(yaml: string, change: Partial<TopologyOptions> = {}): readonly string[] {
  return topologyOf(yaml, change).edges.map(({ from, to, port, verdict, severity }) => {
    return `${from} > ${to}${port === undefined ? "" : `:${port}`} ${verdict} ${severity}`;
  });
}

/** What differs between the workloads of a test. */
export interface SampleWorkload {
  readonly namespace?: string;
  readonly ingress?: string;
  readonly egress?: string;
  readonly admin?: string;
  /** JSON of the ports of the one container. */
  readonly ports?: readonly object[];
  readonly env?: readonly object[];
  readonly kind?: string;
  /** Further members of the pod spec and of the spec around it. */
  readonly pod?: object;
  readonly spec?: object;
  readonly runtimeClass?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Deployment whose pods have the label `app: NAME`, as a YAML document. */
export function workloadYaml(name: string, sample: SampleWorkload = {}): string {
  const { namespace, ingress, egress, admin, ports = [], env = [], kind = "Deployment" } = sample;
  const { runtimeClass: runtimeClassName = "contrast-cc", pod, spec, annotations } = sample;
  const prefix = "contrast.edgeless.systems/servicemesh-";
  const mesh = {
    ...(ingress !== undefined && { [`${prefix}ingress`]: ingress }),
    ...(egress !== undefined && { [`${prefix}egress`]: egress }),
    ...(admin !== undefined && { [`${prefix}admin-interface-port`]: admin }),
    ...annotations,
  };
  const container = { name: "app", image: "registry.example/app", ports, env };
  const template = {
    metadata: { labels: { app: name }, annotations: mesh },
    spec: { runtimeClassName, containers: [container], ...pod },
  };
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  return `---\n${JSON.stringify({ apiVersion: "apps/v1", kind, metadata, spec: { template, ...spec } })}\n`;
}

/** A Service that selects the label `app: NAME`, as a YAML document. */
export function serviceYaml(name: string, ports: readonly object[], spec: object = {}, namespace?: string): string {
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  const whole = { selector: { app: name }, ports, ...spec };
  return `---\n${JSON.stringify({ apiVersion: "v1", kind: "Service", metadata, spec: whole })}\n`;
}
