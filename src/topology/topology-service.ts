import type { KubernetesObject } from "../kubernetes/object.ts";
import { isValueMap, ownValue, type Value, type ValueMap } from "../kubernetes/value.ts";
import { listAt, mapAt, textAt } from "../kubernetes/value-reader.ts";
import { portNumber } from "./topology-workload.ts";

/** A port of a Service. */
export interface ServicePort {
  readonly port: number;
  readonly name: string | undefined;
  readonly protocol: string;
  /** Number, or name of a container's port. */
  readonly targetPort: number | string;
}

/** A Service as far as connections care. */
export interface TopologyService {
  readonly id: string;
  readonly object: KubernetesObject;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly type: string;
  /** Undefined where the endpoints come from elsewhere. */
  readonly selector: ReadonlyMap<string, string> | undefined;
  /** DNS answers with addresses of pods, so that ports are not translated. */
  readonly isHeadless: boolean;
  readonly externalName: string | undefined;
  /** As written, `None` included. */
  readonly addresses: readonly string[];
  /** Whether it says itself that clients from outside of the cluster come in. */
  readonly isExposed: boolean;
  readonly ports: readonly ServicePort[];
}

const MAX_PORTS = 1024;

/** Reads a Service; undefined for other objects and for a Service without name. */
export function readTopologyService(object: KubernetesObject): TopologyService | undefined {
  const { name, namespace } = object;
  if (object.apiVersion !== "v1" || object.kind !== "Service" || name === undefined) return undefined;
  const spec = mapAt(object.value, "spec");
  const selector = ownValue(spec, "selector");
  const pairs = isValueMap(selector) ? Object.entries(selector) : [];
  const type = textAt(spec, "type") ?? "ClusterIP";
  const clusterIp = textAt(spec, "clusterIP");
  const texts = [clusterIp, ...listAt(spec, "clusterIPs")].filter((value) => typeof value === "string");
  return {
    id: [...(namespace === undefined ? [] : [namespace]), "Service", name].join("/"),
    object,
    name,
    namespace,
    type,
    selector: pairs.length === 0 ? undefined : new Map(pairs.map(([key, value]) => [key, selectorText(value)])),
    isHeadless: clusterIp === "None",
    externalName: type === "ExternalName" ? textAt(spec, "externalName") : undefined,
    addresses: [...new Set(texts)],
    isExposed: type === "LoadBalancer" || type === "NodePort" || listAt(spec, "externalIPs").length > 0,
    ports: listAt(spec, "ports")
      .slice(0, MAX_PORTS)
      .flatMap((entry) => (isValueMap(entry) ? servicePort(entry) : [])),
  };
}

/** What is no text matches nothing: Kubernetes refuses it. */
function selectorText(value: Value): string {
  return typeof value === "string" ? value : "\0";
}

function servicePort(entry: ValueMap): readonly ServicePort[] {
  const port = portNumber(ownValue(entry, "port"));
  if (port === undefined) return [];
  const target = ownValue(entry, "targetPort");
  const name = textAt(entry, "name");
  const protocol = textAt(entry, "protocol") ?? "TCP";
  const targetPort = typeof target === "string" && target !== "" ? target : (portNumber(target) ?? port);
  return [{ port, name, protocol, targetPort }];
}
