import type { KubernetesObject } from "../kubernetes/object.ts";
import { isValueList, isValueMap, ownValue, type Value, valueAt } from "../kubernetes/value.ts";
import { ContrastError, messageOf } from "../lib/errors.ts";
import type { Problems } from "../lib/problems.ts";
import { parseForwardedName, parseNamespace } from "./object-name.ts";
import type { ForwardedService } from "./port-forwarder.ts";

const MAX_PORT = 65_535;
/** Names of Services that an error lists. */
const MAX_KNOWN = 20;

/**
 * Finds the Services among objects that a port-forwarder can stand in front of, in the order of the input. Of two with
 * one name the later counts, as when they are applied. Ports of UDP and SCTP are told and left out.
 *
 * @param names of the Services that are wanted; none means all
 * @param problems receives `resources/name-invalid`, `resources/service-invalid`, `resources/service-missing`, and
 *   warnings `resources/service-not-tcp`
 */
export function forwardedServices(
  objects: readonly KubernetesObject[],
  names: readonly string[],
  problems: Problems,
): readonly ForwardedService[] {
  const services = objects.filter(({ apiVersion, kind }) => apiVersion === "v1" && kind === "Service");
  const found = new Map<string, ForwardedService>();
  for (const object of services) {
    if (names.length > 0 && !names.includes(object.name ?? "")) continue;
    const service = forwardedService(object, problems);
    if (service !== undefined) found.set(JSON.stringify([service.namespace, service.name]), service);
  }
  for (const name of names) {
    if (services.some((service) => service.name === name)) continue;
    const message = `got no Service "${name}" in the input`;
    const known = services
      .flatMap((service) => service.name ?? [])
      .slice(0, MAX_KNOWN)
      .join(", ");
    const hint = `${known === "" ? "" : `Known are ${known}. `}Leave the paths out to give its ports with --port.`;
    problems.error({ code: "resources/service-missing", message, hint });
  }
  return [...found.values()];
}

function forwardedService(object: KubernetesObject, problems: Problems): ForwardedService | undefined {
  const before = problems.errors.length;
  const name = checked(object, "name", () => parseForwardedName(object.name ?? ""), problems);
  const namespace = checked(object, "namespace", () => parseNamespace(object.namespace ?? ""), problems);
  const ports = tcpPorts(object, problems);
  if (name === undefined || problems.errors.length > before) return undefined;
  if (ports.length === 0) {
    const message = "the Service has no TCP port, so it gets no port-forwarder";
    problems.warn({ code: "resources/service-not-tcp", message, ...object.locate(["spec", "ports"]) });
    return undefined;
  }
  return { name, namespace, ports };
}

/** Runs a check of one member of the metadata, and says where it failed. */
function checked<Result>(
  object: KubernetesObject,
  member: "name" | "namespace",
  parse: () => Result,
  problems: Problems,
): Result | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    const { code, hint } = error;
    problems.error({ code, message: messageOf(error), hint, ...object.locate(["metadata", member]) });
    return undefined;
  }
}

function tcpPorts(object: KubernetesObject, problems: Problems): readonly number[] {
  const ports: Value = valueAt(object.value, ["spec", "ports"]) ?? [];
  const invalid = (message: string, path: readonly (string | number)[]): void =>
    problems.error({ code: "resources/service-invalid", message, ...object.locate(["spec", "ports", ...path]) });
  if (!isValueList(ports)) {
    invalid("got no list, want the ports of the Service", []);
    return [];
  }
  const found = new Set<number>();
  for (const [index, entry] of ports.entries()) {
    const port = isValueMap(entry) ? ownValue(entry, "port") : undefined;
    const protocol = isValueMap(entry) ? (ownValue(entry, "protocol") ?? "TCP") : "TCP";
    if (typeof port !== "number" || !isPort(port)) invalid("got no port, want a number from 1 to 65535", [index]);
    else if (protocol === "TCP") found.add(port);
    else {
      const message = `port ${port} is not TCP, so it is not forwarded`;
      problems.warn({ code: "resources/service-not-tcp", message, ...object.locate(["spec", "ports", index]) });
    }
  }
  return [...found];
}

/**
 * Reads ports as the command line has them.
 *
 * @returns each once, in order
 * @throws ContrastError `resources/port-invalid`
 */
export function parsePorts(words: readonly string[]): readonly number[] {
  const ports = words.map((word) => {
    const port = /^[0-9]{1,5}$/.test(word) ? Number(word) : 0;
    if (isPort(port)) return port;
    throw new ContrastError(
      "resources/port-invalid",
      `Cannot read port: got ${JSON.stringify(word)}, need 1 to 65535`,
      {
        hint: "Give a number with --port.",
        details: { actual: word },
      },
    );
  });
  return [...new Set(ports)];
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT;
}
