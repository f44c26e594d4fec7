import type { KubernetesObject } from "../kubernetes/object.ts";
import { ownValue, type ValueMap, valueAt, isValueMap } from "../kubernetes/value.ts";
import { listAt, mapAt, textAt } from "../kubernetes/value-reader.ts";
import type { Workload } from "../kubernetes/workload.ts";
import {
  ADMIN_PORT_ANNOTATION,
  EGRESS_ANNOTATION,
  INGRESS_ANNOTATION,
  IPV6_ANNOTATION,
  SIDECAR_VARIABLES,
  UDP_ANNOTATION,
} from "../servicemesh/annotation-keys.ts";
import type { Finding } from "../servicemesh/finding.ts";
import { type MeshConfig, parseMeshConfig } from "../servicemesh/mesh-config.ts";
import { parseProtection, type Protection } from "../servicemesh/protection.ts";

/** Name of the sidecar's container among the init containers. */
export const SIDECAR_NAME = "contrast-service-mesh";

/** The settings of a sidecar as text, by the names of its variables; undefined where one is absent or empty. */
type SidecarTexts = Readonly<Record<(typeof SETTINGS)[number]["name"], string | undefined>>;

const SETTINGS = [
  { name: "ingress", annotation: INGRESS_ANNOTATION },
  { name: "egress", annotation: EGRESS_ANNOTATION },
  { name: "adminPort", annotation: ADMIN_PORT_ANNOTATION },
  { name: "ipv6", annotation: IPV6_ANNOTATION },
  { name: "udp", annotation: UDP_ANNOTATION },
] as const;

/** Annotations whose presence alone makes `generate` inject a sidecar. */
const SWITCHES: readonly string[] = ["ingress", "egress", "adminPort"];

/** The sidecar of a workload. */
export interface Sidecar {
  /** `container`: it stands in the YAML. `annotations`: `generate` will put it there. */
  readonly origin: "container" | "annotations";
  /** What it is told; entries with errors are left out. */
  readonly config: MeshConfig;
  readonly protection: Protection;
  /** What is wrong with its settings; with an error among them it does not start. */
  readonly findings: readonly Finding[];
  /** Whether annotations say what `generate` would inject, in place of what stands there too. */
  readonly isAnnotated: boolean;
  /** Names of the settings that the annotations now give otherwise than the container has them. */
  readonly staleSettings: readonly string[];
}

/**
 * The sidecar that runs beside the containers of a workload. What stands in the YAML counts; only where no sidecar does,
 * the annotations say what `generate` will inject.
 *
 * @param skipped whether `generate` is told to inject none
 * @see edgelesssys/contrast `internal/kuberesource/mutators.go`
 */
export function readSidecar(
  object: KubernetesObject,
  workload: Workload,
  podSpec: ValueMap,
  { isCoordinator, skipped }: { readonly isCoordinator: boolean; readonly skipped: boolean },
): Sidecar | undefined {
  const annotated = annotationTexts(object, workload);
  const isPlanned =
    !skipped &&
    !isCoordinator &&
    (textAt(podSpec, "runtimeClassName")?.startsWith("contrast-cc") ?? false) &&
    SETTINGS.some(({ name }) => SWITCHES.includes(name) && annotated[name] !== undefined);
  const container = listAt(podSpec, "initContainers").find(
    (each) => isValueMap(each) && textAt(each, "name") === SIDECAR_NAME,
  );
  if (isValueMap(container)) {
    const texts = variableTexts(container);
    const stale = SETTINGS.filter(({ name }) => isPlanned && (annotated[name] ?? "") !== (texts[name] ?? ""));
    const staleSettings = stale.map(({ name }) => name);
    return { origin: "container", ...readTexts(texts), isAnnotated: isPlanned, staleSettings };
  }
  if (!isPlanned) return undefined;
  return { origin: "annotations", ...readTexts(annotated), isAnnotated: true, staleSettings: [] };
}

function readTexts(texts: SidecarTexts): Pick<Sidecar, "config" | "protection" | "findings"> {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => void findings.push(finding);
  return { config: parseMeshConfig(texts, report), protection: parseProtection(texts, report), findings };
}

/** Annotations of the pods, and those of the object itself where the pods have none. */
function annotationTexts(object: KubernetesObject, workload: Workload): SidecarTexts {
  const maps = [workload.templateMetadataPath, ["metadata"]].map((path) =>
    valueAt(object.value, [...path, "annotations"]),
  );
  return collect(({ annotation }) => {
    for (const map of maps) {
      const value = isValueMap(map) ? ownValue(map, annotation) : undefined;
      if (typeof value === "string") return value;
    }
    return undefined;
  });
}

function variableTexts(container: ValueMap): SidecarTexts {
  const variables = listAt(container, "env").filter((entry) => isValueMap(entry));
  return collect(({ annotation }) => {
    const entry = variables.findLast((each) => textAt(each, "name") === SIDECAR_VARIABLES[annotation]);
    return entry === undefined ? undefined : textAt(entry, "value");
  });
}

function collect(textOf: (setting: (typeof SETTINGS)[number]) => string | undefined): SidecarTexts {
  const [ingress, egress, adminPort, ipv6, udp] = SETTINGS.map(textOf);
  return { ingress, egress, adminPort, ipv6, udp };
}

/** Whether the pods are a Coordinator's, which never get a sidecar. */
export function isCoordinatorPod(object: KubernetesObject, workload: Workload): boolean {
  const key = "contrast.edgeless.systems/pod-role";
  const own = mapAt(mapAt(object.value, "metadata"), "annotations");
  const pods = valueAt(object.value, [...workload.templateMetadataPath, "annotations"]);
  return (textAt(isValueMap(pods) ? pods : {}, key) ?? textAt(own, key)) === "coordinator";
}
