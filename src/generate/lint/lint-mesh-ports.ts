import type { Path } from "../../kubernetes/path.ts";
import { isValueMap, ownValue, valueAt, type Value, type ValueMap } from "../../kubernetes/value.ts";
import { parseEgress } from "../../servicemesh/egress.ts";
import { parseIngress } from "../../servicemesh/ingress.ts";
import { mapsIn, type ObjectContext, type PatchView, reportWarning, SIDECAR_NAME, textAt } from "../patch-view.ts";

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"].map((probe): Path => [probe]);
const HOOKS = ["postStart", "preStop"].map((hook): Path => ["lifecycle", hook]);

/**
 * Looks at what a pod with a mesh sidecar expects of its ports: the sidecar redirects all incoming TCP connections, so
 * the kubelet's probes reach the proxy, and other protocols are not protected at all.
 *
 * @param context receives the warnings `generate/mesh-probe`, `generate/mesh-protocol` and `generate/mesh-port-taken`
 * @see edgelesssys/contrast `service-mesh/iptables.go`
 */
export function lintMeshPorts(view: PatchView, context: ObjectContext): void {
  const initContainers = mapsIn(ownValue(view.podSpec, "initContainers"));
  const sidecar = initContainers.find((container) => textAt(container, "name") === SIDECAR_NAME);
  if (sidecar === undefined) return;
  // Findings about the syntax were reported when the sidecar was injected.
  const ingress = parseIngress(environment(sidecar, "CONTRAST_INGRESS_PROXY_CONFIG"), () => {});
  const egress = parseEgress(environment(sidecar, "CONTRAST_EGRESS_PROXY_CONFIG"), () => {});
  const openPorts = new Set(ingress.filter(({ disableTls }) => disableTls).map(({ port }) => port));
  const egressPorts = new Set(egress.map(({ listenPort }) => listenPort));
  for (const [index, container] of mapsIn(ownValue(view.podSpec, "containers")).entries()) {
    const path = [...view.workload.podSpecPath, "containers", index];
    for (const inside of [...PROBES, ...HOOKS]) lintHandler(container, inside, openPorts, path, context);
    lintPorts(container, egressPorts, path, context);
  }
}

function environment(container: ValueMap, name: string): string {
  const entry = mapsIn(ownValue(container, "env")).find((variable) => textAt(variable, "name") === name);
  return textAt(entry, "value") ?? "";
}

function lintHandler(
  container: ValueMap,
  inside: Path,
  openPorts: ReadonlySet<number>,
  path: Path,
  context: ObjectContext,
): void {
  const handler = valueAt(container, inside);
  for (const type of ["httpGet", "grpc", "tcpSocket"]) {
    const action = valueAt(handler, [type]);
    // With another host the connection does not come in at this pod.
    if (!isValueMap(action) || ownValue(action, "host")) continue;
    const port = portNumber(ownValue(action, "port"), container);
    if (port === undefined || openPorts.has(port)) continue;
    const fact =
      type === "tcpSocket"
        ? "succeeds as soon as the mesh proxy listens, whatever the application does"
        : "fails, because the kubelet has no client certificate";
    const hint = `Add an ingress entry such as "probe#${port}#true", or use an exec probe.`;
    reportWarning(context, "generate/mesh-probe", [...path, ...inside, type], `${type} on port ${port} ${fact}`, hint);
  }
}

function portNumber(port: Value | undefined, container: ValueMap): number | undefined {
  if (typeof port === "number") return port;
  const named = mapsIn(ownValue(container, "ports")).find((each) => ownValue(each, "name") === port);
  const number = ownValue(named ?? {}, "containerPort");
  return typeof number === "number" ? number : undefined;
}

function lintPorts(container: ValueMap, egressPorts: ReadonlySet<number>, path: Path, context: ObjectContext): void {
  for (const [index, entry] of mapsIn(ownValue(container, "ports")).entries()) {
    const port = ownValue(entry, "containerPort");
    const protocol = textAt(entry, "protocol") ?? "TCP";
    const portPath = [...path, "ports", index];
    if (protocol !== "TCP") {
      const message = `the service mesh protects TCP only; ${protocol} traffic on this port is neither encrypted nor checked`;
      reportWarning(context, "generate/mesh-protocol", portPath, message);
    } else if (typeof port === "number" && egressPorts.has(port)) {
      const message = `port ${port} is the listen port of an egress entry: the application cannot listen there on every address`;
      reportWarning(
        context,
        "generate/mesh-port-taken",
        portPath,
        message,
        "Choose another port for the egress entry.",
      );
    }
  }
}
