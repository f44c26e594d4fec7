import type { Place } from "../lib/problems.ts";
import { visibleLine } from "../lib/visible-text.ts";
import type { Path } from "./path.ts";
import { isValueList, isValueMap, ownValue, type Value, type ValueMap } from "./value.ts";
import type { YamlDocument, YamlStream } from "./yaml-stream.ts";
import type { Report } from "./yaml-text.ts";

/** Lists of objects that kubectl and client libraries write; other kinds that end in `List` are ordinary objects. */
const LIST_API_VERSION = /^(?:v1|(?:apps|batch)\/v1)$/;

/** The list in which Kustomize and others hand objects to functions. */
const RESOURCE_LIST_API_VERSION = /^config\.kubernetes\.io\/v1(?:(?:alpha|beta)1)?$/;

const NO_OBJECT =
  "Write apiVersion and kind, or leave files out that hold no Kubernetes objects, such as the values of a chart.";

/** One Kubernetes object, with the way back to the text that describes it. */
export class KubernetesObject {
  readonly document: YamlDocument;
  /** Path of the object inside its document: empty, or `items[3]` inside a List. */
  readonly prefix: Path;
  readonly value: ValueMap;
  /** As written, such as `apps/v1`; empty where missing. */
  readonly apiVersion: string;
  readonly kind: string;

  constructor(document: YamlDocument, prefix: Path, value: ValueMap, apiVersion: string, kind: string) {
    this.document = document;
    this.prefix = prefix;
    this.value = value;
    this.apiVersion = apiVersion;
    this.kind = kind;
  }

  /** `metadata.name`, where it is a string. */
  get name(): string | undefined {
    return this.#metadata("name");
  }

  /** `metadata.generateName`, where it is a string. */
  get generateName(): string | undefined {
    return this.#metadata("generateName");
  }

  /** `metadata.namespace`, where it is a string that is not empty. */
  get namespace(): string | undefined {
    return this.#metadata("namespace") || undefined;
  }

  /** Kind and name for messages, such as `Deployment web`; on one line, whatever the YAML says. */
  get label(): string {
    const name = this.name ?? (this.generateName === undefined ? "without name" : `${this.generateName}*`);
    return visibleLine(`${this.kind} ${name}`);
  }

  /** Where a path inside the object is written; its nearest existing parent where it does not exist. */
  locate(path: Path): Place {
    return { ...this.document.locate([...this.prefix, ...path]), object: this.label };
  }

  #metadata(field: string): string | undefined {
    const metadata = ownValue(this.value, "metadata");
    const value = isValueMap(metadata) ? ownValue(metadata, field) : undefined;
    return typeof value === "string" ? value : undefined;
  }
}

/**
 * The objects of a stream in order, Lists replaced by their items.
 *
 * @param report receives documents and items that are not objects (`kubernetes/object-invalid`)
 */
export function objectsOf(stream: YamlStream, report: Report): readonly KubernetesObject[] {
  return stream.documents.flatMap((document) => expand(document, [], document.value, undefined, report));
}

/** @param assumed kind and version of the items of a typed list, which may leave them out */
function expand(
  document: YamlDocument,
  prefix: Path,
  value: Value,
  assumed: { readonly apiVersion: string; readonly kind: string } | undefined,
  report: Report,
): readonly KubernetesObject[] {
  const refuse = (message: string, path: Path): readonly KubernetesObject[] => {
    report({ code: "kubernetes/object-invalid", message, hint: NO_OBJECT, ...document.locate([...prefix, ...path]) });
    return [];
  };
  if (!isValueMap(value)) return refuse(`got ${typeName(value)}, want a Kubernetes object`, []);
  const apiVersion = ownValue(value, "apiVersion") ?? assumed?.apiVersion;
  const kind = ownValue(value, "kind") ?? assumed?.kind;
  if (typeof kind !== "string" || kind === "") return refuse("a Kubernetes object without kind", ["kind"]);
  if (typeof apiVersion !== "string" || apiVersion === "") {
    return refuse("a Kubernetes object without apiVersion", ["apiVersion"]);
  }
  const items = ownValue(value, "items");
  const isList = isResourceList(value) || (kind.endsWith("List") && LIST_API_VERSION.test(apiVersion));
  if (!isList) {
    return [new KubernetesObject(document, prefix, value, apiVersion, kind)];
  }
  if (items === undefined || items === null) return [];
  if (!isValueList(items)) return refuse(`got ${typeName(items)}, want a list`, ["items"]);
  const itemKind =
    kind === "List" || kind === "ResourceList" ? undefined : { apiVersion, kind: kind.slice(0, -"List".length) };
  return items.flatMap((item, index) => expand(document, [...prefix, "items", index], item, itemKind, report));
}

/**
 * Whether a document is a ResourceList.
 *
 * @see kubernetes-sigs/kustomize `cmd/config/docs/api-conventions/functions-spec.md`
 */
export function isResourceList(value: Value): boolean {
  if (!isValueMap(value) || ownValue(value, "kind") !== "ResourceList") return false;
  const apiVersion = ownValue(value, "apiVersion");
  return typeof apiVersion === "string" && RESOURCE_LIST_API_VERSION.test(apiVersion);
}

/**
 * Checks that what names an object is text, for kinds whose fields nothing else looks at.
 *
 * @param report receives `kubernetes/field-type`
 */
export function checkIdentity(object: KubernetesObject, report: Report): void {
  const metadata = ownValue(object.value, "metadata") ?? {};
  if (!isValueMap(metadata)) {
    const message = `got ${typeName(metadata)}, want a map`;
    report({ code: "kubernetes/field-type", message, ...object.locate(["metadata"]) });
    return;
  }
  for (const field of ["name", "generateName", "namespace"]) {
    const value = ownValue(metadata, field) ?? "";
    if (typeof value === "string") continue;
    const message = `got ${typeName(value)}, want a string`;
    const hint = typeof value === "object" ? undefined : "Put the value in quotes.";
    report({ code: "kubernetes/field-type", message, hint, ...object.locate(["metadata", field]) });
  }
}

/** The type of a value in the words of a message. */
export function typeName(value: Value | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (isValueList(value)) return "a list";
  if (isValueMap(value)) return "a map";
  return typeof value === "bigint" ? "a number" : `a ${typeof value}`;
}
