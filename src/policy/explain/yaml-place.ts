import type { KubernetesObject } from "../../kubernetes/object.ts";
import { type Path, renderPath } from "../../kubernetes/path.ts";
import { isValueList, isValueMap, ownValue, type Value, valueAt } from "../../kubernetes/value.ts";
import { workloadOf } from "../../kubernetes/workload.ts";
import { refineField, type Subject } from "./refine-field.ts";

/** What of the YAML governs an element. */
export interface YamlPlace {
  /** `spec.template.spec.containers[0].env[2].value`; `containers[name=web].env` without the YAML. */
  readonly path: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/**
 * Where the YAML governs an element of a request.
 *
 * @param object the workload; undefined where only its policy is known
 * @param container name in the pod; undefined for the sandbox's own container
 * @param field as guides of checks have it: of the container, or of the pod where it begins with `spec.` or `metadata.`
 */
export function yamlPlaceOf(
  object: KubernetesObject | undefined,
  container: string | undefined,
  field: string,
  subject: Subject,
): YamlPlace | undefined {
  const workload = object === undefined ? undefined : workloadOf(object);
  if (object === undefined || workload === undefined) return placeByName(container, field, subject);
  const steps = field.split(".");
  const inPod = podPath(steps, workload.podSpecPath, workload.templateMetadataPath, subject);
  const path = inPod ?? containerPath(object, workload.podSpecPath, container, steps, subject);
  if (path === undefined) return undefined;
  const { file, line, column } = object.locate(path);
  return { path: renderPath(path), file, line, column };
}

function podPath(
  [first, ...rest]: readonly string[],
  podSpecPath: Path,
  templateMetadataPath: Path,
  { key }: Subject,
): Path | undefined {
  if (first === "spec") return [...podSpecPath, ...rest];
  if (first !== "metadata") return undefined;
  if (rest[0] !== "annotations") return ["metadata", ...rest];
  return [...templateMetadataPath, "annotations", ...(key === undefined ? [] : [key])];
}

function containerPath(
  object: KubernetesObject,
  podSpecPath: Path,
  name: string | undefined,
  field: Path,
  subject: Subject,
): Path | undefined {
  for (const list of ["containers", "initContainers"]) {
    const containers = valueAt(object.value, [...podSpecPath, list]);
    const index = isValueList(containers) ? containers.findIndex((container) => nameOf(container) === name) : -1;
    if (name === undefined || index === -1) continue;
    const path = [...podSpecPath, list, index];
    const refined = refineField(valueAt(object.value, path), field, subject);
    const isOwn = valueAt(object.value, [...path, ...refined]) !== undefined;
    return !isOwn && isOfPod(object, podSpecPath, refined) ? [...podSpecPath, ...refined] : [...path, ...refined];
  }
  return undefined;
}

/** What a container leaves open, its pod may say; groups only the pod can add. */
function isOfPod(object: KubernetesObject, podSpecPath: Path, [first, second]: Path): boolean {
  if (first !== "securityContext" || second === undefined) return false;
  return second === "supplementalGroups" || valueAt(object.value, [...podSpecPath, first, second]) !== undefined;
}

function nameOf(container: Value): string | undefined {
  const name = isValueMap(container) ? ownValue(container, "name") : undefined;
  return typeof name === "string" ? name : undefined;
}

function placeByName(container: string | undefined, field: string, { key }: Subject): YamlPlace | undefined {
  const unknown = { file: undefined, line: undefined, column: undefined };
  if (/^(?:spec|metadata)\./.test(field)) {
    const path = field.split(".");
    return {
      path: renderPath(field === "metadata.annotations" && key !== undefined ? [...path, key] : path),
      ...unknown,
    };
  }
  if (container === undefined) return undefined;
  const element = key !== undefined && field === "env" ? `env[name=${key}]` : field;
  return { path: `containers[name=${container}].${element}`, ...unknown };
}
