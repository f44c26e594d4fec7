import type { Value, ValueMap } from "../../kubernetes/value.ts";
import { ownValue } from "../../kubernetes/value.ts";
import {
  ADMIN_PORT_ANNOTATION,
  EGRESS_ANNOTATION,
  INGRESS_ANNOTATION,
  IPV6_ANNOTATION,
  SIDECAR_VARIABLES,
  UDP_ANNOTATION,
} from "../../servicemesh/annotation-keys.ts";
import type { Finding } from "../../servicemesh/finding.ts";
import { parseMeshConfig } from "../../servicemesh/mesh-config.ts";
import { parseProtection } from "../../servicemesh/protection.ts";
import { findAnnotation, isCoordinator } from "../contrast-annotations.ts";
import { SECRETS_MOUNT, withSecretsVolume } from "./contrast-secrets.ts";
import { withMember } from "../edit-value.ts";
import type { ObjectContext, PatchView } from "../patch-view.ts";
import { isContrastClass, mapsAt, reportError, reportWarning, runtimeClassOf, SIDECAR_NAME } from "../patch-view.ts";

/**
 * Appends the mesh sidecar to the init containers of a workload that has one of the three annotations. The annotations'
 * syntax is checked here, where the original leaves that to the sidecar. Those about IPv6 and UDP, which the original does
 * not know, add arguments and variables and make no sidecar.
 *
 * @param context receives the findings of `parseMeshConfig` and those about the pod spec
 * @returns the pod spec; the same one where nothing is injected or an error was reported
 * @see edgelesssys/contrast `internal/kuberesource/mutators.go`
 */
export function injectServiceMesh(podSpec: ValueMap, view: PatchView, context: ObjectContext): ValueMap {
  if (!isContrastClass(runtimeClassOf(podSpec)) || isCoordinator(view)) return podSpec;
  const found = {
    adminPort: findAnnotation(view, ADMIN_PORT_ANNOTATION, context),
    ingress: findAnnotation(view, INGRESS_ANNOTATION, context),
    egress: findAnnotation(view, EGRESS_ANNOTATION, context),
    ipv6: findAnnotation(view, IPV6_ANNOTATION, context),
    udp: findAnnotation(view, UDP_ANNOTATION, context),
  };
  if (found.adminPort === undefined && found.ingress === undefined && found.egress === undefined) return podSpec;

  const texts = {
    adminPort: found.adminPort?.value,
    ingress: found.ingress?.value,
    egress: found.egress?.value,
    ipv6: found.ipv6?.value,
    udp: found.udp?.value,
  };
  const paths = new Map([
    [ADMIN_PORT_ANNOTATION, found.adminPort?.path],
    [INGRESS_ANNOTATION, found.ingress?.path],
    [EGRESS_ANNOTATION, found.egress?.path],
    [IPV6_ANNOTATION, found.ipv6?.path],
    [UDP_ANNOTATION, found.udp?.path],
  ]);
  let hasErrors = false;
  const report = ({ level, code, annotation, entry, message, hint }: Finding): void => {
    const text = entry === undefined ? message : `entry ${entry}: ${message}`;
    const path = paths.get(annotation) ?? ["metadata"];
    if (level === "error") {
      hasErrors = true;
      reportError(context, code, path, text, hint);
    } else if (level === "warning") reportWarning(context, code, path, text, hint);
  };
  const { ipv6 } = parseProtection(texts, report);
  const { adminPort } = parseMeshConfig(texts, report, ipv6);
  const initContainers = mapsAt(podSpec, "initContainers", view.workload.podSpecPath, context);
  if (hasErrors || initContainers === undefined) return podSpec;

  const others = initContainers.filter((container) => ownValue(container, "name") !== SIDECAR_NAME);
  const withContainer = withMember(podSpec, "initContainers", [...others, sidecar(texts, adminPort)]);
  return withSecretsVolume(withContainer, view, context) ?? podSpec;
}

interface MeshTexts {
  readonly adminPort: string | undefined;
  readonly ingress: string | undefined;
  readonly egress: string | undefined;
  readonly ipv6: string | undefined;
  readonly udp: string | undefined;
}

function sidecar(texts: MeshTexts, adminPort: number | undefined): ValueMap {
  const env: Value[] = [
    [ADMIN_PORT_ANNOTATION, texts.adminPort] as const,
    [INGRESS_ANNOTATION, texts.ingress] as const,
    [EGRESS_ANNOTATION, texts.egress] as const,
    [IPV6_ANNOTATION, texts.ipv6] as const,
    [UDP_ANNOTATION, texts.udp] as const,
  ].flatMap(([key, value]) => (value ? [{ name: SIDECAR_VARIABLES[key], value }] : []));
  // The host may leave variables out, which must not weaken the protection; arguments it cannot touch.
  const binding = [["ipv6", texts.ipv6] as const, ["udp", texts.udp] as const].flatMap(([flag, mode]) =>
    mode ? [`--${flag}=${mode}`] : [],
  );
  return {
    args: [...binding, "-l", "debug"],
    ...(env.length > 0 && { env }),
    image: "ghcr.io/edgelesssys/contrast/service-mesh-proxy:latest",
    name: SIDECAR_NAME,
    ...(adminPort !== undefined && { ports: [{ containerPort: adminPort, name: "contrast-admin" }] }),
    restartPolicy: "Always",
    securityContext: { capabilities: { add: ["NET_ADMIN"] }, privileged: true },
    startupProbe: {
      exec: { command: ["test", "-f", "/ready"] },
      failureThreshold: 5,
      initialDelaySeconds: 1,
      periodSeconds: 5,
    },
    volumeMounts: [SECRETS_MOUNT],
  };
}
