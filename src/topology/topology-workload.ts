import { SIDECAR_NAME } from "../kubernetes/contrast-names.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import { isValueMap, ownValue, type ValueMap, valueAt } from "../kubernetes/value.ts";
import { listAt, mapAt, textAt } from "../kubernetes/value-reader.ts";
import { isConfidentialClass, podSpecValue, workloadOf } from "../kubernetes/workload.ts";
import { isCoordinatorPod, readSidecar, type Sidecar } from "./sidecar.ts";

/** A port that a container declares; Kubernetes takes the declaration as information only. */
export interface DeclaredPort {
  readonly number: number;
  readonly name: string | undefined;
  /** `TCP`, `UDP` or `SCTP`, as written. */
  readonly protocol: string;
  /** Port of the node that leads here too. */
  readonly hostPort: number | undefined;
  readonly container: string;
  /** Inside the object. */
  readonly path: Path;
}

/** An object that makes pods, as far as connections care. */
export interface TopologyWorkload {
  /** Unique in the input, such as `shop/Deployment/web`. */
  readonly id: string;
  readonly object: KubernetesObject;
  /** As written; undefined where the YAML leaves it to `kubectl`. */
  readonly namespace: string | undefined;
  readonly podLabels: ReadonlyMap<string, string>;
  /** Name that pods have in DNS below their headless Service: `web` for the Pod web, `web-3` for a StatefulSet's. */
  readonly hostname: { readonly name: string; readonly isNumbered: boolean } | undefined;
  readonly subdomain: string | undefined;
  readonly runtimeClass: string | undefined;
  readonly isConfidential: boolean;
  readonly isCoordinator: boolean;
  readonly ports: readonly DeclaredPort[];
  readonly sidecar: Sidecar | undefined;
  readonly podSpec: ValueMap;
  readonly podSpecPath: Path;
}

/** More declared ports than this of one workload are hostile, and left out. */
const MAX_PORTS = 1024;

/**
 * Reads a workload; what has the wrong type counts as absent, which lint and `generate` tell.
 *
 * @param skipServiceMesh whether `generate` is told to inject no sidecar
 * @returns undefined for objects without pods
 */
export function readTopologyWorkload(object: KubernetesObject, skipServiceMesh: boolean): TopologyWorkload | undefined {
  const workload = workloadOf(object);
  const podSpec = podSpecValue(object);
  if (workload === undefined || podSpec === undefined) return undefined;
  const isCoordinator = isCoordinatorPod(object, workload);
  const runtimeClass = textAt(podSpec, "runtimeClassName");
  const template = valueAt(object.value, workload.templateMetadataPath);
  const labels = isValueMap(template) ? Object.entries(mapAt(template, "labels")) : [];
  const { kind, name, namespace } = object;
  return {
    id: [...(namespace === undefined ? [] : [namespace]), kind, name ?? ""].join("/"),
    object,
    namespace,
    podLabels: new Map(labels.flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : []))),
    hostname: hostnameOf(object, podSpec),
    subdomain:
      kind === "StatefulSet" ? textAt(mapAt(object.value, "spec"), "serviceName") : textAt(podSpec, "subdomain"),
    runtimeClass,
    isConfidential: isConfidentialClass(runtimeClass),
    isCoordinator,
    ports: declaredPorts(podSpec, workload.podSpecPath).slice(0, MAX_PORTS),
    sidecar: readSidecar(object, workload, podSpec, { isCoordinator, skipped: skipServiceMesh }),
    podSpec,
    podSpecPath: workload.podSpecPath,
  };
}

function hostnameOf({ kind, name }: KubernetesObject, podSpec: ValueMap): TopologyWorkload["hostname"] {
  if (kind === "StatefulSet") return name === undefined ? undefined : { name, isNumbered: true };
  const hostname = textAt(podSpec, "hostname") ?? (kind === "Pod" ? name : undefined);
  return hostname === undefined ? undefined : { name: hostname, isNumbered: false };
}

/** Ports of the containers that stay: ordinary ones, and init containers that keep running. */
function declaredPorts(podSpec: ValueMap, podSpecPath: Path): readonly DeclaredPort[] {
  return runningContainers(podSpec, podSpecPath).flatMap(({ container, path }) =>
    listAt(container, "ports").flatMap((port, index): readonly DeclaredPort[] => {
      if (!isValueMap(port)) return [];
      const number = portNumber(ownValue(port, "containerPort"));
      if (number === undefined) return [];
      return [
        {
          number,
          name: textAt(port, "name"),
          protocol: textAt(port, "protocol") ?? "TCP",
          hostPort: portNumber(ownValue(port, "hostPort")),
          container: textAt(container, "name") ?? "",
          path: [...path, "ports", index],
        },
      ];
    }),
  );
}

/** A container of a pod and where it stands in its object. */
export interface PlacedContainer {
  readonly container: ValueMap;
  readonly path: Path;
}

/** The containers of the user that run as long as the pod does, init containers that stay included. */
export function runningContainers(podSpec: ValueMap, podSpecPath: Path): readonly PlacedContainer[] {
  return ["containers", "initContainers"].flatMap((list) =>
    listAt(podSpec, list).flatMap((container, index) => {
      if (!isValueMap(container)) return [];
      const isOwn = list === "initContainers" && textAt(container, "name") === SIDECAR_NAME;
      const stays = list === "containers" || textAt(container, "restartPolicy") === "Always";
      return isOwn || !stays ? [] : [{ container, path: [...podSpecPath, list, index] }];
    }),
  );
}

/** A value that is a port number; undefined for names, other types and numbers out of range. */
export function portNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65_535 ? value : undefined;
}
