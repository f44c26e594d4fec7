import { isResourceList, type KubernetesObject } from "./object.ts";
import { equalValues, valueAt } from "./value.ts";
import type { Report } from "./yaml-text.ts";

/**
 * Finds ConfigMaps and Secrets by namespace and name in the whole input, whatever file they stand in.
 *
 * An object that names no namespace goes where `kubectl -n` says, which the YAML does not tell; charts often name the
 * namespace in some objects only. Such an object serves every namespace that has no object of its own with that name,
 * and a workload without namespace finds an object by name if there is only one.
 */
export class ConfigLookup {
  /** By kind and name, then by namespace as written; empty where none is. */
  readonly #objects = new Map<string, Map<string, KubernetesObject>>();

  /**
   * @param objects all objects of the input, in order
   * @param report receives names that stand for two different contents (`kubernetes/duplicate-object`)
   */
  constructor(objects: readonly KubernetesObject[], report: Report) {
    for (const object of objects) {
      if (!isConfig(object) || object.name === undefined) continue;
      const key = lookupKey(object.kind, object.name);
      const namesakes = this.#objects.get(key) ?? new Map<string, KubernetesObject>();
      this.#objects.set(key, namesakes);
      const first = namesakes.get(object.namespace ?? "");
      if (first === undefined) {
        namesakes.set(object.namespace ?? "", object);
      } else if (!sameContent(first, object)) {
        const { file, line } = first.locate(["metadata", "name"]);
        const place = line === undefined ? file : `${file}:${line}`;
        report({
          code: "kubernetes/duplicate-object",
          message: `${object.label} is already defined with other content at ${place}`,
          hint: "Remove one of the two, because the value that a container gets depends on which is applied last.",
          ...object.locate(["metadata", "name"]),
        });
      }
    }
    for (const [key, object] of formerNames(objects.filter(isConfig))) {
      if (!this.#objects.has(key)) this.#objects.set(key, new Map([[object.namespace ?? "", object]]));
    }
  }

  /** @param namespace of the workload, undefined where it names none */
  configMap(namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#find("ConfigMap", namespace, name);
  }

  /** @param namespace of the workload, undefined where it names none */
  secret(namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#find("Secret", namespace, name);
  }

  #find(kind: string, namespace: string | undefined, name: string): KubernetesObject | undefined {
    const namesakes = this.#objects.get(lookupKey(kind, name));
    const found = namesakes?.get(namespace ?? "") ?? namesakes?.get("");
    if (found !== undefined || namespace !== undefined || namesakes?.size !== 1) return found;
    return [...namesakes.values()][0];
  }
}

/** Whether an object is a ConfigMap or Secret of the core group. */
function isConfig(object: KubernetesObject): boolean {
  return object.apiVersion === "v1" && (object.kind === "ConfigMap" || object.kind === "Secret");
}

/** Where Kustomize keeps the names that an object had before prefixes and suffixes, separated by commas. */
const FORMER_NAMES = ["metadata", "annotations", "internal.config.kubernetes.io/previousNames"];

/**
 * Objects by names that they had before: while functions run, references still have those. A name that belonged to
 * several objects stands for none of them, because the caller may choose another one in the end.
 */
function formerNames(objects: readonly KubernetesObject[]): ReadonlyMap<string, KubernetesObject> {
  const owners = new Map<string, Set<KubernetesObject>>();
  for (const object of objects.filter(({ document }) => isResourceList(document.value))) {
    const names = valueAt(object.value, FORMER_NAMES);
    for (const name of typeof names === "string" ? names.split(",") : []) {
      const key = lookupKey(object.kind, name);
      owners.set(key, (owners.get(key) ?? new Set()).add(object));
    }
  }
  return new Map([...owners].flatMap(([key, [only, second]]) => (only && !second ? [[key, only] as const] : [])));
}

function lookupKey(kind: string, name: string): string {
  return `${kind} ${name}`;
}

function sameContent(left: KubernetesObject, right: KubernetesObject): boolean {
  return ["data", "binaryData", "stringData", "immutable"].every((field) =>
    equalValues(left.value[field], right.value[field]),
  );
}
