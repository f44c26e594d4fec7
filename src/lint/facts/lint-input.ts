import type { Json } from "../../lib/json.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { Path } from "../../kubernetes/path.ts";
import { isValueList, isValueMap, type Value, type ValueMap } from "../../kubernetes/value.ts";
import { textAt } from "../../kubernetes/value-reader.ts";
import { isConfidentialClass, podSpecValue, type Workload, workloadOf } from "../../kubernetes/workload.ts";
import type { LintOptions } from "../lint-options.ts";
import type { FactDetail } from "./fact-detail.ts";
import { jsonMap } from "./json-value.ts";
import { optionFacts } from "./option-facts.ts";
import { workloadFacts } from "./workload-facts.ts";

/** Objects that rules are asked about at a time; more of them at once are not faster. */
const BATCH_OBJECTS = 100;

/**
 * What the rules are asked: the objects in portions, each with the same options. The number of an object is its place
 * in the list.
 *
 * @param objects of the whole input, because some rules look at neighbours
 */
export function* lintInputs(
  objects: readonly KubernetesObject[],
  options: LintOptions,
  detail: FactDetail = "read",
): Generator<Json> {
  const surveyed = objects.map(survey);
  const namespaces = confidentialNamespaces(surveyed);
  const known = optionFacts(options);
  for (let start = 0; start < objects.length; start += BATCH_OBJECTS) {
    const workloads: Json[] = [];
    const others: Json[] = [];
    for (const [index, { object, workload, podSpec }] of surveyed.slice(start, start + BATCH_OBJECTS).entries()) {
      if (workload === undefined || !isValueMap(object.value["metadata"])) {
        const facts = otherFacts(object, start + index, workload !== undefined);
        if (facts !== undefined) others.push(facts);
      } else if (podSpec !== undefined) {
        const isBeside = namespaces.has(object.namespace ?? "");
        workloads.push(workloadFacts(object, workload, podSpec, start + index, isBeside, options, detail));
      }
    }
    if (detail === "all") yield { options: known, workloads, others, objects: rawObjects(objects, start) };
    else if (workloads.length + others.length > 0) yield { options: known, workloads, others };
  }
}

/** Whole objects for the rules of others; what is in Secrets they need not know. */
function rawObjects(objects: readonly KubernetesObject[], start: number): readonly Json[] {
  return objects.slice(start, start + BATCH_OBJECTS).map(({ value, kind }, index) => ({
    object: start + index,
    value: jsonMap(value, kind === "Secret" ? ["data", "stringData"] : []),
  }));
}

/** What is asked about an object before facts are gathered about any. */
interface Survey {
  readonly object: KubernetesObject;
  readonly workload: Workload | undefined;
  readonly podSpec: ValueMap | undefined;
}

function survey(object: KubernetesObject): Survey {
  const workload = workloadOf(object);
  return { object, workload, podSpec: workload === undefined ? undefined : podSpecValue(object, workload) };
}

function confidentialNamespaces(surveyed: readonly Survey[]): ReadonlySet<string> {
  const namespaces = new Set<string>();
  for (const { object, podSpec } of surveyed) {
    const isConfidential = podSpec !== undefined && isConfidentialClass(textAt(podSpec, "runtimeClassName"));
    if (isConfidential) namespaces.add(object.namespace ?? "");
  }
  return namespaces;
}

/** An object whose confidential pods, if any, would get no policy. */
function otherFacts(object: KubernetesObject, number: number, isWorkload: boolean): Json | undefined {
  const path = classPath(object.value, []);
  if (path === undefined) return undefined;
  const { apiVersion: api_version, kind } = object;
  return { object: number, api_version, kind, is_workload: isWorkload, class_path: path };
}

/** Where a confidential runtime class is named. */
function classPath(value: Value, path: Path): Path | undefined {
  const members: readonly (readonly [string | number, Value])[] = isValueList(value)
    ? [...value.entries()]
    : isValueMap(value)
      ? Object.entries(value)
      : [];
  for (const [key, member] of members) {
    if (key === "runtimeClassName" && typeof member === "string" && isConfidentialClass(member)) return [...path, key];
    const inside = typeof member === "object" ? classPath(member, [...path, key]) : undefined;
    if (inside !== undefined) return inside;
  }
  return undefined;
}
