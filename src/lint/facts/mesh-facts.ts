import type { Json } from "../../lib/json.ts";
import { SIDECAR_NAME } from "../../kubernetes/contrast-names.ts";
import { isValueMap, type ValueMap } from "../../kubernetes/value.ts";
import { ADMIN_PORT_ANNOTATION, PROXY_PORTS } from "../../servicemesh/annotation-keys.ts";
import type { Finding } from "../../servicemesh/finding.ts";
import { isOriginalSidecarImage, SIDECAR_IMAGE } from "../../servicemesh/original-image.ts";
import {
  collectSidecarTexts,
  parseSidecarTexts,
  type SidecarTexts,
  sidecarVariableTexts,
} from "../../servicemesh/sidecar-texts.ts";
import { type AnnotationMap, type AnnotationPlace, annotationText } from "./annotation-facts.ts";
import { listAt, textAt } from "../../kubernetes/value-reader.ts";

/**
 * What the mesh sidecar of a pod is told: by the annotations, or by the sidecar itself where it was written by hand.
 *
 * @param isInjected whether annotations make a sidecar
 * @param images what `generate` replaces, the image of a sidecar too
 * @returns undefined for pods without sidecar
 */
export function meshFacts(
  podSpec: ValueMap,
  maps: readonly AnnotationMap[],
  isInjected: boolean,
  images: ReadonlyMap<string, string>,
): Json | undefined {
  const places = new Map<string, AnnotationPlace>();
  const annotated = collectSidecarTexts((annotation) => {
    const found = annotationText(maps, annotation);
    if (found !== undefined) places.set(annotation, found);
    return found?.text;
  });
  if (isInjected && (annotated.ingress ?? annotated.egress ?? annotated.adminPort) !== undefined) {
    const image = images.get(SIDECAR_IMAGE) ?? SIDECAR_IMAGE;
    return describe(annotated, image, (annotation) => places.get(annotation));
  }
  const sidecar = listAt(podSpec, "initContainers").find(
    (container) => isValueMap(container) && textAt(container, "name") === SIDECAR_NAME,
  );
  return isValueMap(sidecar)
    ? describe(sidecarVariableTexts(sidecar), textAt(sidecar, "image") ?? "", () => undefined)
    : undefined;
}

function describe(
  texts: SidecarTexts,
  image: string,
  placeOf: (annotation: string) => AnnotationPlace | undefined,
): Json {
  const findings: Json[] = [];
  const report = (finding: Finding): void => {
    const place = placeOf(finding.annotation);
    if (place !== undefined) findings.push(toldFinding(finding, place));
  };
  const { config, protection } = parseSidecarTexts(texts, report);
  const { ingress, egress, adminPort } = config;
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
    ...(isOriginalSidecarImage(image) && { original_image: image }),
    ...(protection.udp !== "ignore" && { udp: protection.udp }),
    findings,
  };
}

function toldFinding(finding: Finding, { text, path }: AnnotationPlace): Json {
  const { severity, code, entry, message, hint } = finding;
  const fixed = code === "servicemesh/entry-empty" || code === "servicemesh/field-space" ? tidy(text) : text;
  return {
    level: severity,
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
