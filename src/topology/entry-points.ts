import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import { isValueMap, ownValue, type ValueMap } from "../kubernetes/value.ts";
import { listAt, mapAt, textAt } from "../kubernetes/value-reader.ts";
import { type Lookup, serviceTargets } from "./connection-targets.ts";
import type { EdgeCollector, EdgeStart } from "./edge-collector.ts";
import type { TopologyService } from "./topology-service.ts";
import { portNumber, type TopologyWorkload } from "./topology-workload.ts";

/** The one end that stands for everybody who is not in the cluster. */
const CLIENTS = "outside of the cluster";
/** More backends of one Ingress than this are hostile, and left out. */
const MAX_BACKENDS = 1024;

/**
 * Adds the ways in which clients outside of the cluster come in: Services that say so, ports of nodes, Ingresses.
 *
 * @throws ContrastError `topology/too-many-edges`
 */
export function addEntryPoints(
  objects: readonly KubernetesObject[],
  workloads: readonly TopologyWorkload[],
  services: readonly TopologyService[],
  lookup: Lookup,
  collector: EdgeCollector,
): void {
  for (const service of services) {
    if (service.isExposed) addExposedService(service, lookup, collector);
  }
  for (const workload of workloads) {
    for (const { hostPort, number: port, protocol, path } of workload.ports) {
      if (hostPort === undefined || protocol !== "TCP") continue;
      const start = startOf(`port ${hostPort} of the node`, `node:${hostPort}`, workload.object, path, collector);
      collector.add(start, [{ kind: "pod", workload, port, service: undefined }]);
    }
  }
  for (const object of objects) {
    if (object.kind === "Ingress" && object.apiVersion === "networking.k8s.io/v1") {
      addIngress(object, lookup, collector);
    }
  }
}

function addExposedService(service: TopologyService, { finder }: Lookup, collector: EdgeCollector): void {
  const { object, type, name, ports } = service;
  for (const { port, protocol } of ports) {
    if (protocol !== "TCP") continue;
    const start = startOf(`${type} ${name}`, `${name}:${port}`, object, ["spec"], collector);
    collector.add(start, serviceTargets({ service, pod: undefined }, port, finder));
  }
}

/** The controller of an Ingress connects like any client without a certificate of the mesh. */
function addIngress(object: KubernetesObject, { directory, finder }: Lookup, collector: EdgeCollector): void {
  for (const { backend, path } of ingressBackends(object)) {
    const reference = mapAt(backend, "service");
    const name = textAt(reference, "name");
    if (name === undefined) continue;
    const port = mapAt(reference, "port");
    const meaning = directory.resolve(name, object.namespace);
    const service = meaning.kind === "service" ? meaning.service : undefined;
    const number =
      portNumber(ownValue(port, "number")) ?? service?.ports.find((each) => each.name === textAt(port, "name"))?.port;
    const remote = `${name}:${number ?? textAt(port, "name") ?? "?"}`;
    const start = { ...startOf(object.label, remote, object, path, collector), scheme: "http" };
    if (service === undefined || number === undefined) {
      const reason =
        service === undefined ? "no Service of the input has this name" : "the Service has no port of this name";
      collector.add(start, [{ kind: "nowhere", reason, service }]);
    } else collector.add({ ...start, via: "direct" }, serviceTargets({ service, pod: undefined }, number, finder));
  }
}

function startOf(
  name: string,
  remote: string,
  object: KubernetesObject,
  path: Path,
  collector: EdgeCollector,
): EdgeStart {
  const from = collector.end("clients", CLIENTS);
  return { from, isConfidential: false, via: "entry", name, remote, place: object.locate(path) };
}

function ingressBackends(object: KubernetesObject): readonly { readonly backend: ValueMap; readonly path: Path }[] {
  const spec = mapAt(object.value, "spec");
  const found: { backend: ValueMap; path: Path }[] = [];
  if (isValueMap(ownValue(spec, "defaultBackend"))) {
    found.push({ backend: mapAt(spec, "defaultBackend"), path: ["spec", "defaultBackend"] });
  }
  for (const [index, rule] of listAt(spec, "rules").entries()) {
    const paths = isValueMap(rule) ? listAt(mapAt(rule, "http"), "paths") : [];
    for (const [position, path] of paths.entries()) {
      if (!isValueMap(path) || found.length >= MAX_BACKENDS) continue;
      found.push({ backend: mapAt(path, "backend"), path: ["spec", "rules", index, "http", "paths", position] });
    }
  }
  return found;
}
