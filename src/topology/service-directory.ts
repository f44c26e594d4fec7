import { isIPv4, isIPv6 } from "node:net";
import type { TopologyService } from "./topology-service.ts";
import { isSameNamespace } from "./workload-finder.ts";

/** What a host name or address stands for, seen from a pod. */
export type HostMeaning =
  | {
      readonly kind: "service";
      readonly service: TopologyService;
      /** Name of one pod in front of a headless Service, such as `db-0`; undefined for all of its pods. */
      readonly pod: string | undefined;
    }
  /** The pod itself. */
  | { readonly kind: "self" }
  /** It belongs to a namespace of the input, where nothing has this name. */
  | { readonly kind: "missing"; readonly reason: string }
  /** The input does not say what it is. */
  | { readonly kind: "outside"; readonly reason: string };

/** Names of other names that are followed. */
const MAX_ALIASES = 8;

/** What the cluster's DNS would answer, as far as the input tells. */
export class ServiceDirectory {
  readonly #byName: ReadonlyMap<string, readonly TopologyService[]>;
  readonly #byAddress: ReadonlyMap<string, TopologyService>;
  readonly #namespaces: ReadonlySet<string>;
  readonly #domain: string;

  /**
   * @param namespaces that objects of the input name
   * @param clusterDomain without dots around it, such as `cluster.local`
   */
  constructor(services: readonly TopologyService[], namespaces: ReadonlySet<string>, clusterDomain: string) {
    this.#byName = Map.groupBy(services, ({ name }) => name);
    this.#byAddress = new Map(
      services.flatMap((service) => service.addresses.map((address) => [address, service] as const)),
    );
    this.#namespaces = namespaces;
    this.#domain = clusterDomain;
  }

  /**
   * The meaning of a host for a pod: Services by the names that the search list of Kubernetes completes, pods by the name
   * of their headless Service, addresses of Services, names of other names.
   *
   * @param namespace of the pod, undefined where the YAML names none
   */
  resolve(host: string, namespace: string | undefined): HostMeaning {
    let current = { host, namespace };
    for (let step = 0; step < MAX_ALIASES; step++) {
      const meaning = this.#resolveOnce(current.host.toLowerCase(), current.namespace);
      if (meaning.kind !== "service" || meaning.service.externalName === undefined) return meaning;
      current = { host: meaning.service.externalName, namespace: meaning.service.namespace };
      // What an ExternalName says is complete: DNS does not apply the search list to it.
      if (!current.host.endsWith(".")) current.host += ".";
    }
    return { kind: "missing", reason: `more than ${MAX_ALIASES} Services of type ExternalName name each other` };
  }

  #resolveOnce(host: string, namespace: string | undefined): HostMeaning {
    if (isIPv4(host) || isIPv6(host)) return this.#resolveAddress(host);
    if (host === "localhost") return { kind: "self" };
    const isAbsolute = host.endsWith(".");
    const name = isAbsolute ? host.slice(0, -1) : host;
    const suffix = [`.svc.${this.#domain}`, ...(isAbsolute ? [] : [".svc"])].find((end) => name.endsWith(end));
    const labels = (suffix === undefined ? name : name.slice(0, -suffix.length)).split(".");
    if (suffix !== undefined) return this.#inCluster(labels) ?? this.#unknown(name, labels.at(-1));
    if (isAbsolute) return { kind: "outside", reason: "it is no name of the cluster" };
    // The search list tries the pod's own namespace first, then the labels as they are.
    const own = labels.length <= 2 ? this.#find(labels, namespace) : undefined;
    const found = own ?? this.#inCluster(labels);
    if (found !== undefined) return found;
    // A longer name of the world may have a label that is a namespace here too.
    const wanted = labels.length === 1 ? namespace : labels.length <= 3 ? labels.at(-1) : undefined;
    const isOwn = labels.length === 1 || (wanted !== undefined && this.#namespaces.has(wanted));
    return isOwn ? this.#unknown(name, wanted) : { kind: "outside", reason: "no Service of the input has this name" };
  }

  #resolveAddress(host: string): HostMeaning {
    if (host.startsWith("127.") || host === "::1") return { kind: "self" };
    const service = this.#byAddress.get(host);
    if (service !== undefined) return { kind: "service", service, pod: undefined };
    return { kind: "outside", reason: "no Service of the input has this address" };
  }

  /** @param labels `service.namespace`, or `pod.service.namespace` */
  #inCluster(labels: readonly string[]): HostMeaning | undefined {
    const namespace = labels.at(-1);
    return labels.length > 3 ? undefined : this.#find(labels.slice(0, -1), namespace);
  }

  /** @param labels `service`, or `pod.service` */
  #find(labels: readonly string[], namespace: string | undefined): HostMeaning | undefined {
    const name = labels.at(-1);
    const candidates = (this.#byName.get(name ?? "") ?? []).filter((service) =>
      isSameNamespace(service.namespace, namespace),
    );
    const exact = candidates.find((service) => service.namespace === namespace);
    const service = exact ?? (namespace === undefined && candidates.length > 1 ? undefined : candidates[0]);
    const [pod] = labels.length === 2 ? labels : [];
    if (service === undefined || (pod !== undefined && !service.isHeadless)) return undefined;
    return { kind: "service", service, pod };
  }

  #unknown(name: string, namespace: string | undefined): HostMeaning {
    const here = namespace === undefined || this.#namespaces.has(namespace);
    if (!here) return { kind: "outside", reason: `the input has nothing of namespace ${namespace}` };
    const similar = this.#byName.get(name.split(".")[0] ?? "")?.[0];
    const other = similar?.namespace === undefined ? "" : `; namespace ${similar.namespace} has one`;
    return { kind: "missing", reason: `no Service of the input has this name${other}` };
  }
}
