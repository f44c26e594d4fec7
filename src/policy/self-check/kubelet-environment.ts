import type { Container, EnvironmentVariable } from "../../kubernetes/pod/container.ts";
import { configValues } from "../config-values.ts";
import { gpuVariables } from "./gpu-model.ts";
import type { ContainerModel, PodModel } from "./pod-model.ts";

/** Variables of the service that every namespace has. */
const SERVICE_VARIABLES: readonly (readonly [string, string])[] = [
  ["KUBERNETES_SERVICE_HOST", "10.43.0.1"],
  ["KUBERNETES_SERVICE_PORT", "443"],
  ["KUBERNETES_SERVICE_PORT_HTTPS", "443"],
  ["KUBERNETES_PORT", "tcp://10.43.0.1:443"],
  ["KUBERNETES_PORT_443_TCP", "tcp://10.43.0.1:443"],
  ["KUBERNETES_PORT_443_TCP_PROTO", "tcp"],
  ["KUBERNETES_PORT_443_TCP_PORT", "443"],
  ["KUBERNETES_PORT_443_TCP_ADDR", "10.43.0.1"],
];

/** Services beside it, as they appear with `enableServiceLinks`; digits and UDP need care in policies. */
const SERVICE_LINKS: readonly (readonly [string, string])[] = [
  ["WEB2_SERVICE_HOST", "10.43.7.9"],
  ["WEB2_SERVICE_PORT", "80"],
  ["DNS_PORT_53_UDP", "udp://10.43.0.10:53"],
  ["DNS_PORT_53_UDP_PROTO", "udp"],
];

/**
 * The variables that the kubelet gives to a container, with the values of the model.
 *
 * @see kubernetes `pkg/kubelet/kubelet_pods.go`, `makeEnvironment`
 */
export function kubeletEnvironment(pod: PodModel, container: Container): ReadonlyMap<string, string> {
  const links = pod.view.podSpec.enableServiceLinks === false ? [] : SERVICE_LINKS;
  const services = new Map([...SERVICE_VARIABLES, ...links]);
  const own = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    const reference = source.configMapRef ?? source.secretRef;
    const kind = source.configMapRef === undefined ? "Secret" : "ConfigMap";
    for (const [key, value] of valuesOf(pod, kind, reference?.name ?? ""))
      own.set(`${source.prefix ?? ""}${key}`, value);
  }
  for (const variable of container.env ?? []) {
    const value = valueOf(pod, variable, (name) => own.get(name) ?? services.get(name));
    if (value !== undefined) own.set(variable.name, value);
  }
  // The Job controller adds the number of the pod to its containers.
  const index: [string, string][] = pod.isIndexed ? [["JOB_COMPLETION_INDEX", "0"]] : [];
  return new Map([...services, ...own, ...index]);
}

/** Whether a variable of a process comes from the cluster's services and not from the pod. */
export function isServiceVariable(entry: string): boolean {
  return [...SERVICE_VARIABLES, ...SERVICE_LINKS].some(([name, value]) => entry === `${name}=${value}`);
}

/** Replaces `$(NAME)` character by character; `$$` is an escaped `$`. */
export function expandLikeKubelet(text: string, lookup: (name: string) => string | undefined): string {
  let result = "";
  for (let at = 0; at < text.length; at++) {
    const [here, next] = [text.charAt(at), text.charAt(at + 1)];
    const end = next === "(" ? text.indexOf(")", at) : -1;
    if (here === "$" && next === "$") {
      result += "$";
      at++;
    } else if (here === "$" && end !== -1) {
      const name = text.slice(at + 2, end);
      result += lookup(name) ?? `$(${name})`;
      at = end;
    } else {
      result += here;
    }
  }
  return result;
}

/** `Env` of the process: the image's and the runtime's variables, overridden by the kubelet's. */
export function processEnvironment(pod: PodModel, { container, image, isPause }: ContainerModel): readonly string[] {
  const env = new Map([["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]]);
  if (!isPause) {
    if (container.tty === true) env.set("TERM", "xterm");
    env.set("HOSTNAME", pod.hostname);
  }
  for (const entry of image.config.Env ?? []) {
    const [name = "", ...rest] = entry.split("=");
    env.set(name, rest.join("="));
  }
  const added = isPause ? [] : [...gpuVariables(pod, container), ...kubeletEnvironment(pod, container)];
  for (const [name, value] of added) env.set(name, value);
  return [...env].map(([name, value]) => `${name}=${value}`);
}

function valueOf(
  pod: PodModel,
  { value, valueFrom }: EnvironmentVariable,
  lookup: (name: string) => string | undefined,
): string | undefined {
  if (value !== undefined && value !== "") return expandLikeKubelet(value, lookup);
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = valueFrom ?? {};
  if (configMapKeyRef !== undefined) return valuesOf(pod, "ConfigMap", configMapKeyRef.name).get(configMapKeyRef.key);
  if (secretKeyRef !== undefined) return valuesOf(pod, "Secret", secretKeyRef.name).get(secretKeyRef.key);
  if (fieldRef !== undefined) return fieldValue(pod, fieldRef.fieldPath);
  return resourceFieldRef === undefined ? "" : "268435456";
}

function fieldValue(pod: PodModel, path: string): string {
  const { podSpec, templateMetadata } = pod.view;
  const fields: Record<string, string | undefined> = {
    "metadata.name": pod.name,
    "metadata.namespace": pod.namespace,
    "metadata.uid": pod.uid,
    "spec.nodeName": pod.nodeName,
    "spec.serviceAccountName": podSpec.serviceAccountName ?? podSpec.serviceAccount ?? "default",
    "status.hostIP": pod.hostIps[0],
    "status.hostIPs": pod.hostIps.join(","),
    "status.podIP": pod.podIps[0],
    "status.podIPs": pod.podIps.join(","),
  };
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path);
  if (subscript === null) return fields[path] ?? "";
  const [, map, key = ""] = subscript;
  const entries = map === "labels" ? templateMetadata.labels : templateMetadata.annotations;
  return new Map(Object.entries(entries ?? {})).get(key) ?? "set by the cluster";
}

function valuesOf(pod: PodModel, kind: "ConfigMap" | "Secret", name: string): ReadonlyMap<string, string> {
  const namespace = pod.namespaceGiven ? pod.namespace : undefined;
  const object = kind === "Secret" ? pod.configs.secret(namespace, name) : pod.configs.configMap(namespace, name);
  return object === undefined ? new Map() : configValues(object, () => {});
}
