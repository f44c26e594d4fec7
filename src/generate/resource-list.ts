import type { InputSet } from "../kubernetes/input-set.ts";
import { editDocument } from "../kubernetes/edit/edit-document.ts";
import { isResourceList, type KubernetesObject, objectsOf } from "../kubernetes/object.ts";
import { isValueMap, type Value, type ValueMap, valueAt } from "../kubernetes/value.ts";
import type { Workload } from "../kubernetes/workload.ts";
import { type YamlDocument, YamlStream } from "../kubernetes/yaml-stream.ts";
import type { Problem } from "../lib/problems.ts";
import { replaceAt, withMember, withoutMember } from "./edit-value.ts";

/** What Helm 4 writes on each object before it hands it out, and removes afterwards. */
const HELM_ANNOTATION = /^postrenderer\.helm\.sh\//;

/** What functions and Kustomize tell each other on objects; none of it reaches the cluster. */
const FUNCTION_ANNOTATION =
  /^(?:internal\.config\.kubernetes\.io|config\.kubernetes\.io|config\.k8s\.io|kustomize\.config\.k8s\.io)\//;

/** How much a function's finding weighs. */
type Severity = "error" | "warning";

/**
 * An object as the cluster will see it: without the annotations that only those see who hand it on, which would make
 * the policy of a Pod depend on its file and on its place in a list.
 *
 * @returns the same object where there are none
 */
export function withoutTransportAnnotations(source: KubernetesObject, object: ValueMap, workload: Workload): ValueMap {
  const isItem = isResourceList(source.document.value);
  const path = [...workload.templateMetadataPath, "annotations"];
  const annotations = valueAt(object, path);
  if (!isValueMap(annotations)) return object;
  const keys = Object.keys(annotations).filter(
    (key) => HELM_ANNOTATION.test(key) || (isItem && FUNCTION_ANNOTATION.test(key)),
  );
  return replaceAt(object, path, keys.reduce<ValueMap>(withoutMember, annotations));
}

/** Whether the input is one ResourceList, as a function gets it. */
export function hasResourceList({ files }: Pick<InputSet, "files">): boolean {
  return files.some(({ stream }) => resourceListIn(stream) !== undefined);
}

/**
 * Puts findings into a ResourceList, where whoever called the function looks for them.
 *
 * @param text of the stream; returned as it is when it holds no ResourceList
 * @see kubernetes-sigs/kustomize `cmd/config/docs/api-conventions/functions-spec.md`, results
 */
export function withResults(text: string, problems: readonly Problem[], severity: Severity): string {
  const ignore = (): void => {};
  const stream = new YamlStream(text, "standard input", ignore);
  const document = resourceListIn(stream);
  if (document === undefined || !isValueMap(document.value) || problems.length === 0) return text;
  const objects = new Map(objectsOf(stream, ignore).map((object) => [object.label, object]));
  const results = problems.map((problem) => resultOf(problem, severity, objects.get(problem.object ?? "")));
  const { pieces } = editDocument(document, withMember(document.value, "results", results));
  return [text.slice(0, document.range.start), ...pieces, text.slice(document.range.end)].join("");
}

function resourceListIn({ documents }: YamlStream): YamlDocument | undefined {
  const [document, second] = documents;
  return document !== undefined && second === undefined && isResourceList(document.value) ? document : undefined;
}

function resultOf(problem: Problem, severity: Severity, object: KubernetesObject | undefined): ValueMap {
  const { code, message, hint, path } = problem;
  const result: Record<string, Value> = {
    message: hint === undefined ? message : `${message}. ${hint}`,
    severity,
    tags: { code },
  };
  if (object !== undefined) {
    const { apiVersion, kind, name = "", namespace } = object;
    result["resourceRef"] = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
  }
  if (path !== undefined && path !== "") result["field"] = { path: pathInItem(path) };
  return result;
}

/** Paths of problems start at the document; those of results start at the item. */
function pathInItem(path: string): string {
  return path.replace(/^items\[\d+\]\.?/, "");
}
