import type { KubernetesObject } from "./object.ts";
import { equalValues } from "./value.ts";
import type { Report } from "./yaml-text.ts";

/** Namespace of objects that name none. */
const DEFAULT_NAMESPACE = "default";

/** Finds ConfigMaps and Secrets by namespace and name in the whole input, whatever file they stand in. */
export class ConfigLookup {
  readonly #objects = new Map<string, KubernetesObject>();

  /**
   * @param objects all objects of the input, in order
   * @param report receives names that stand for two different contents (`kubernetes/duplicate-object`)
   */
  constructor(objects: readonly KubernetesObject[], report: Report) {
    for (const object of objects) {
      if (!isConfig(object) || object.name === undefined) continue;
      const key = lookupKey(object.kind, object.namespace, object.name);
      const first = this.#objects.get(key);
      if (first === undefined) {
        this.#objects.set(key, object);
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
  }

  /** @param namespace of the workload; undefined means `default` */
  configMap(namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects.get(lookupKey("ConfigMap", namespace, name));
  }

  /** @param namespace of the workload; undefined means `default` */
  secret(namespace: string | undefined, name: string): KubernetesObject | undefined {
    return this.#objects.get(lookupKey("Secret", namespace, name));
  }
}

/** Whether an object is a ConfigMap or Secret of the core group. */
function isConfig(object: KubernetesObject): boolean {
  return object.apiVersion === "v1" && (object.kind === "ConfigMap" || object.kind === "Secret");
}

function lookupKey(kind: string, namespace: string | undefined, name: string): string {
  return JSON.stringify([kind, namespace ?? DEFAULT_NAMESPACE, name]);
}

function sameContent(left: KubernetesObject, right: KubernetesObject): boolean {
  return ["data", "binaryData", "stringData", "immutable"].every((field) =>
    equalValues(left.value[field], right.value[field]),
  );
}
