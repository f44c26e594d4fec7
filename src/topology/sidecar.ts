import { POD_ROLE_ANNOTATION, SIDECAR_NAME } from "../kubernetes/contrast-names.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { ownValue, type ValueMap, valueAt, isValueMap } from "../kubernetes/value.ts";
import { listAt, mapAt, textAt } from "../kubernetes/value-reader.ts";
import { isContrastClass, type Workload } from "../kubernetes/workload.ts";
import type { Finding } from "../servicemesh/finding.ts";
import type { MeshConfig } from "../servicemesh/mesh-config.ts";
import type { Protection } from "../servicemesh/protection.ts";
import {
  collectSidecarTexts,
  differingSettings,
  parseSidecarTexts,
  type SidecarTexts,
  sidecarVariableTexts,
} from "../servicemesh/sidecar-texts.ts";

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
    isContrastClass(textAt(podSpec, "runtimeClassName")) &&
    (annotated.adminPort ?? annotated.ingress ?? annotated.egress) !== undefined;
  const container = listAt(podSpec, "initContainers").find(
    (each) => isValueMap(each) && textAt(each, "name") === SIDECAR_NAME,
  );
  if (isValueMap(container)) {
    const texts = sidecarVariableTexts(container);
    const staleSettings = isPlanned ? differingSettings(annotated, texts) : [];
    return { origin: "container", ...readTexts(texts), isAnnotated: isPlanned, staleSettings };
  }
  if (!isPlanned) return undefined;
  return { origin: "annotations", ...readTexts(annotated), isAnnotated: true, staleSettings: [] };
}

function readTexts(texts: SidecarTexts): Pick<Sidecar, "config" | "protection" | "findings"> {
  const findings: Finding[] = [];
  const report = (finding: Finding): void => void findings.push(finding);
  return { ...parseSidecarTexts(texts, report), findings };
}

/** Annotations of the pods, and those of the object itself where the pods have none. */
function annotationTexts(object: KubernetesObject, workload: Workload): SidecarTexts {
  const maps = [workload.templateMetadataPath, ["metadata"]].map((path) =>
    valueAt(object.value, [...path, "annotations"]),
  );
  return collectSidecarTexts((annotation) => {
    for (const map of maps) {
      const value = isValueMap(map) ? ownValue(map, annotation) : undefined;
      if (typeof value === "string") return value;
    }
    return undefined;
  });
}

/** Whether the pods are a Coordinator's, which never get a sidecar. */
export function isCoordinatorPod(object: KubernetesObject, workload: Workload): boolean {
  const own = mapAt(mapAt(object.value, "metadata"), "annotations");
  const pods = valueAt(object.value, [...workload.templateMetadataPath, "annotations"]);
  return (
    (textAt(isValueMap(pods) ? pods : {}, POD_ROLE_ANNOTATION) ?? textAt(own, POD_ROLE_ANNOTATION)) === "coordinator"
  );
}
