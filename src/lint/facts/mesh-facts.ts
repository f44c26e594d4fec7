import type { Json } from "../../lib/json.ts";
import type { Path } from "../../kubernetes/path.ts";
import { isValueMap, type ValueMap } from "../../kubernetes/value.ts";
import {
  ADMIN_PORT_ANNOTATION,
  EGRESS_ANNOTATION,
  INGRESS_ANNOTATION,
  IPV6_ANNOTATION,
  PROXY_PORTS,
  SIDECAR_VARIABLES,
  UDP_ANNOTATION,
} from "../../servicemesh/annotation-keys.ts";
import type { Finding } from "../../servicemesh/finding.ts";
import { type MeshAnnotations, parseMeshConfig } from "../../servicemesh/mesh-config.ts";
import { parseProtection, type ProtectionTexts } from "../../servicemesh/protection.ts";
import { type AnnotationMap, annotationText } from "./annotation-facts.ts";
import { listAt, textAt } from "../../kubernetes/value-reader.ts";

/** Name of the sidecar's container. */
export const SIDECAR_NAME = "contrast-service-mesh";

/**
 * What the mesh sidecar of a pod is told: by the annotations, or by the sidecar itself where it was written by hand.
 *
 * @param isInjected whether annotations make a sidecar
 * @returns undefined for pods without sidecar
 */
export function meshFacts(podSpec: ValueMap, maps: readonly AnnotationMap[], isInjected: boolean): Json | undefined {
  const found = {
    ingress: annotationText(maps, INGRESS_ANNOTATION),
    egress: annotationText(maps, EGRESS_ANNOTATION),
    adminPort: annotationText(maps, ADMIN_PORT_ANNOTATION),
    ipv6: annotationText(maps, IPV6_ANNOTATION),
    udp: annotationText(maps, UDP_ANNOTATION),
  };
  const { ingress, egress, adminPort, ipv6, udp } = found;
  if (isInjected && (ingress ?? egress ?? adminPort) !== undefined) {
    const texts = {
      ingress: ingress?.text,
      egress: egress?.text,
      adminPort: adminPort?.text,
      ipv6: ipv6?.text,
      udp: udp?.text,
    };
    const places = new Map<string, typeof ingress>([
      [INGRESS_ANNOTATION, ingress],
      [EGRESS_ANNOTATION, egress],
      [ADMIN_PORT_ANNOTATION, adminPort],
      [IPV6_ANNOTATION, ipv6],
      [UDP_ANNOTATION, udp],
    ]);
    return describe(texts, (annotation) => places.get(annotation));
  }
  const sidecar = listAt(podSpec, "initContainers").find(
    (container) => isValueMap(container) && textAt(container, "name") === SIDECAR_NAME,
  );
  if (!isValueMap(sidecar)) return undefined;
  const variable = (annotation: keyof typeof SIDECAR_VARIABLES): string | undefined => {
    const name = SIDECAR_VARIABLES[annotation];
    const entry = listAt(sidecar, "env").find((each) => isValueMap(each) && textAt(each, "name") === name);
    return isValueMap(entry) ? textAt(entry, "value") : undefined;
  };
  const texts = {
    ingress: variable(INGRESS_ANNOTATION),
    egress: variable(EGRESS_ANNOTATION),
    adminPort: variable(ADMIN_PORT_ANNOTATION),
    ipv6: variable(IPV6_ANNOTATION) || undefined,
    udp: variable(UDP_ANNOTATION) || undefined,
  };
  return describe(texts, () => undefined);
}

function describe(
  texts: MeshAnnotations & ProtectionTexts,
  placeOf: (annotation: string) => { readonly text: string; readonly path: Path } | undefined,
): Json {
  const findings: Json[] = [];
  const report = (finding: Finding): void => {
    const place = placeOf(finding.annotation);
    if (place !== undefined) findings.push(toldFinding(finding, place));
  };
  const { ipv6, udp } = parseProtection(texts, report);
  const { ingress, egress, adminPort } = parseMeshConfig(texts, report, ipv6);
  const egressPorts = egress.map(({ listenPort }) => listenPort);
  const adminPorts = adminPort === undefined ? [] : [adminPort];
  return {
    open_ports: ingress.filter(({ disableTls }) => disableTls).map(({ port }) => port),
    tls_ports: ingress.filter(({ disableTls }) => !disableTls).map(({ port }) => port),
    egress_ports: egressPorts,
    proxy_ports: [...egressPorts, ...adminPorts, ...PROXY_PORTS],
    ...(adminPort !== undefined && {
      admin_port: adminPort,
      admin_path: placeOf(ADMIN_PORT_ANNOTATION)?.path ?? ["$pod"],
    }),
    ...(udp !== "ignore" && { udp }),
    findings,
  };
}

function toldFinding(finding: Finding, { text, path }: { readonly text: string; readonly path: Path }): Json {
  const { level, code, entry, message, hint } = finding;
  const fixed = code === "servicemesh/entry-empty" || code === "servicemesh/field-space" ? tidy(text) : text;
  return {
    level,
    code,
    path,
    message: entry === undefined ? message : `entry ${entry}: ${message}`,
    ...(hint !== undefined && { hint }),
    ...(fixed !== text && fixed !== "" && { fixed }),
  };
}

/** The same entries without empty ones and without white space around their fields. */
function tidy(text: string): string {
  return text
    .split("##")
    .map((entry) =>
      entry
        .split("#")
        .map((field) => field.trim())
        .join("#"),
    )
    .filter((entry) => entry !== "")
    .join("##");
}
