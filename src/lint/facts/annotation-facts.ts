import type { Json } from "../../lib/json.ts";
import type { Path } from "../../kubernetes/path.ts";
import { ownValue, type Value, type ValueMap, valueAt, isValueMap } from "../../kubernetes/value.ts";
import type { Workload } from "../../kubernetes/workload.ts";
import { typeName } from "../../kubernetes/object.ts";
import {
  MESH_ANNOTATION_PREFIX,
  MESH_ANNOTATIONS,
  MESH_OPTION_ANNOTATIONS,
} from "../../servicemesh/annotation-keys.ts";
import { similarNames } from "../../terminal/similar-names.ts";

/** Annotations of this program, and of its runtime, whose values are read. */
const PREFIX = "contrast.edgeless.systems/";

/** Shorter names are no slip in the name of a mesh annotation, but other words. */
const SHORTEST_NAME = "servicemesh-".length;

/** A map of annotations and where it stands. */
export interface AnnotationMap {
  readonly path: Path;
  readonly map: ValueMap;
}

/** The text of one annotation and where it stands. */
export interface AnnotationPlace {
  readonly text: string;
  readonly path: Path;
}

/** The annotations of the pods, then those of the object itself where these are others. */
export function annotationMaps(object: ValueMap, workload: Workload): readonly AnnotationMap[] {
  const places = [workload.templateMetadataPath, ["metadata"]];
  return places.slice(0, workload.templateMetadataPath.length === 1 ? 1 : 2).map((metadata) => {
    const path = [...metadata, "annotations"];
    const map = valueAt(object, path);
    return { path, map: isValueMap(map) ? map : {} };
  });
}

/** Looks for an annotation on the pods, else on the object. */
export function annotationText(maps: readonly AnnotationMap[], key: string): AnnotationPlace | undefined {
  for (const { path, map } of maps) {
    const value = ownValue(map, key);
    if (typeof value === "string") return { text: value, path: [...path, key] };
  }
  return undefined;
}

/** Adds what rules are told about annotations of Contrast; members that would be empty are left out. */
export function addAnnotationFacts(facts: Record<string, Json>, maps: readonly AnnotationMap[]): void {
  const mesh: Json[] = [];
  const odd: Json[] = [];
  for (const { path, map } of maps) {
    for (const key of Object.keys(map)) {
      const value = ownValue(map, key) ?? null;
      if (typeof value !== "string" && value !== null) odd.push(oddAnnotation([...path, key], value));
      const about = meshAnnotation([...path, key], key);
      if (about !== undefined) mesh.push(about);
    }
  }
  const differing = differingAnnotations(maps);
  if (mesh.length > 0) facts["mesh_annotations"] = mesh;
  if (odd.length > 0) facts["odd_annotations"] = odd;
  if (differing.length > 0) facts["differing_annotations"] = differing;
}

/** Kubernetes refuses annotations that are no text; a number or boolean only lacks its quotation marks. */
function oddAnnotation(path: Path, value: Value): Json {
  const isScalar = typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
  return { path, type: typeName(value).replace(/^a /, ""), ...(isScalar && { text: String(value) }) };
}

function meshAnnotation(path: Path, key: string): Json | undefined {
  const options: readonly string[] = MESH_OPTION_ANNOTATIONS;
  if (options.includes(key)) return { path, known: true, option: true };
  const known = [...MESH_ANNOTATIONS, ...options];
  if (known.includes(key)) return { path, known: true };
  const [nearest] = nearestNames(key, known);
  if (nearest === undefined && !key.startsWith(MESH_ANNOTATION_PREFIX)) return undefined;
  const hint = nearest === undefined ? `Known are ${known.join(", ")}.` : `Did you mean ${nearest}?`;
  return { path, known: false, hint };
}

/** Slips in the part before the slash count as those behind it do; the names of other projects do not. */
function nearestNames(key: string, known: readonly string[]): readonly string[] {
  const slash = key.lastIndexOf("/");
  const domain = key.slice(0, slash + 1);
  const name = key.slice(slash + 1);
  if (name.length < SHORTEST_NAME || !/^$|contrast|edgeless/.test(domain)) return [];
  const names = known.map((each) => each.slice(PREFIX.length));
  return similarNames(name, names).map((each) => `${PREFIX}${each}`);
}

function differingAnnotations([template, object]: readonly AnnotationMap[]): readonly Json[] {
  if (template === undefined || object === undefined) return [];
  return Object.keys(object.map).flatMap((key) => {
    const own = ownValue(object.map, key);
    const other = ownValue(template.map, key);
    if (!key.startsWith(PREFIX) || typeof own !== "string" || typeof other !== "string" || own === other) return [];
    return [{ path: [...object.path, key], key, object: own, template: other }];
  });
}
