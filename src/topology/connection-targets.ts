import type { HostMeaning, ServiceDirectory } from "./service-directory.ts";
import type { ServicePort, TopologyService } from "./topology-service.ts";
import type { TopologyWorkload } from "./topology-workload.ts";
import type { WorkloadFinder } from "./workload-finder.ts";

/** Where connections to one host and port end. */
export type ConnectionTarget =
  | {
      readonly kind: "pod";
      readonly workload: TopologyWorkload;
      /** Port of the pod, after the Service has translated it. */
      readonly port: number;
      readonly service: TopologyService | undefined;
    }
  | { readonly kind: "nowhere" | "outside"; readonly reason: string; readonly service: TopologyService | undefined };

/** What turns names into workloads. */
export interface Lookup {
  readonly directory: ServiceDirectory;
  readonly finder: WorkloadFinder;
}

/**
 * Every workload that a connection from a pod to a host and port can end at, or why there is none.
 *
 * @throws ContrastError `topology/too-many-edges`
 */
export function connectionTargets(
  from: TopologyWorkload,
  host: string,
  port: number,
  { directory, finder }: Lookup,
): readonly ConnectionTarget[] {
  const meaning = directory.resolve(host, from.namespace);
  if (meaning.kind === "self") return [{ kind: "pod", workload: from, port, service: undefined }];
  if (meaning.kind === "service") return serviceTargets(meaning, port, finder);
  const kind = meaning.kind === "missing" ? "nowhere" : "outside";
  return [{ kind, reason: meaning.reason, service: undefined }];
}

/**
 * Where connections to a port of a Service end.
 *
 * @throws ContrastError `topology/too-many-edges`
 */
export function serviceTargets(
  { service, pod }: Pick<HostMeaning & { readonly kind: "service" }, "service" | "pod">,
  port: number,
  finder: WorkloadFinder,
): readonly ConnectionTarget[] {
  const miss = (kind: "nowhere" | "outside", reason: string): readonly ConnectionTarget[] => [
    { kind, reason, service },
  ];
  if (service.selector === undefined) return miss("outside", `${service.object.label} has no selector`);
  const selected = finder
    .select(service.selector, service.namespace)
    .filter((workload) => pod === undefined || isPod(workload, pod, service));
  if (selected.length === 0) {
    const which = pod === undefined ? "its selector" : `its selector and the name ${pod}`;
    return miss("nowhere", `no workload of the input matches ${which}`);
  }
  // DNS answers with the pods themselves, where the Service translates no port.
  if (service.isHeadless) return selected.map((workload) => ({ kind: "pod", workload, port, service }));
  const servicePort = service.ports.find((each) => each.port === port && each.protocol === "TCP");
  if (servicePort === undefined) return miss("nowhere", missingPort(service, port));
  const found = selected.flatMap((workload): readonly ConnectionTarget[] => {
    const target = targetPort(workload, servicePort);
    return target === undefined ? [] : [{ kind: "pod", workload, port: target, service }];
  });
  if (found.length > 0) return found;
  return miss("nowhere", `no container port is named ${servicePort.targetPort}`);
}

/** Undefined where no container port has the name. */
function targetPort(workload: TopologyWorkload, { targetPort: target, protocol }: ServicePort): number | undefined {
  if (typeof target === "number") return target;
  return workload.ports.find((port) => port.name === target && port.protocol === protocol)?.number;
}

function isPod({ hostname, subdomain }: TopologyWorkload, pod: string, service: TopologyService): boolean {
  if (hostname === undefined || subdomain !== service.name) return false;
  if (!hostname.isNumbered) return hostname.name === pod;
  return pod.startsWith(`${hostname.name}-`) && /^[0-9]{1,6}$/.test(pod.slice(hostname.name.length + 1));
}

function missingPort(service: TopologyService, port: number): string {
  const others = service.ports.filter(({ protocol }) => protocol === "TCP").map((each) => String(each.port));
  const has = others.length === 0 ? "no TCP port" : others.slice(0, 8).join(", ");
  return `${service.object.label} has no port ${port}; it has ${has}`;
}
