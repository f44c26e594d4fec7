import { SIDECAR_NAME } from "../../kubernetes/contrast-names.ts";
import type { Path } from "../../kubernetes/path.ts";
import { ownValue, type ValueMap } from "../../kubernetes/value.ts";
import { isContrastClass } from "../../kubernetes/workload.ts";
import type { Finding } from "../../servicemesh/finding.ts";
import { SIDECAR_IMAGE } from "../../servicemesh/original-image.ts";
import {
  collectSidecarTexts,
  parseSidecarTexts,
  type SidecarTexts,
  sidecarVariables,
} from "../../servicemesh/sidecar-texts.ts";
import { findAnnotation, isCoordinator } from "../contrast-annotations.ts";
import { SECRETS_MOUNT, withSecretsVolume } from "./contrast-secrets.ts";
import { withMember } from "../edit-value.ts";
import type { ObjectContext, PatchView } from "../patch-view.ts";
import { mapsAt, reportError, reportWarning, runtimeClassOf } from "../patch-view.ts";

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
  const paths = new Map<string, Path>();
  const texts = collectSidecarTexts((annotation) => {
    const found = findAnnotation(view, annotation, context);
    if (found !== undefined) paths.set(annotation, found.path);
    return found?.value;
  });
  if ((texts.adminPort ?? texts.ingress ?? texts.egress) === undefined) return podSpec;

  let hasErrors = false;
  const report = ({ severity, code, annotation, entry, message, hint }: Finding): void => {
    const text = entry === undefined ? message : `entry ${entry}: ${message}`;
    const path = paths.get(annotation) ?? ["metadata"];
    if (severity === "error") {
      hasErrors = true;
      reportError(context, code, path, text, hint);
    } else if (severity === "warning") reportWarning(context, code, path, text, hint);
  };
  const { adminPort } = parseSidecarTexts(texts, report).config;
  const initContainers = mapsAt(podSpec, "initContainers", view.workload.podSpecPath, context);
  if (hasErrors || initContainers === undefined) return podSpec;

  const others = initContainers.filter((container) => ownValue(container, "name") !== SIDECAR_NAME);
  const withContainer = withMember(podSpec, "initContainers", [...others, sidecar(texts, adminPort)]);
  return withSecretsVolume(withContainer, view, context) ?? podSpec;
}

function sidecar(texts: SidecarTexts, adminPort: number | undefined): ValueMap {
  const env = sidecarVariables(texts).map((variable): ValueMap => ({ ...variable }));
  // The host may leave variables out, which must not weaken the protection; arguments it cannot touch.
  const binding = [["ipv6", texts.ipv6] as const, ["udp", texts.udp] as const].flatMap(([flag, mode]) =>
    mode ? [`--${flag}=${mode}`] : [],
  );
  return {
    args: [...binding, "-l", "debug"],
    ...(env.length > 0 && { env }),
    image: SIDECAR_IMAGE,
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
