import { INITIALIZER_NAME, SIDECAR_NAME } from "../../kubernetes/contrast-names.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { objectsOf } from "../../kubernetes/object.ts";
import type { Path } from "../../kubernetes/path.ts";
import { renderPath } from "../../kubernetes/path.ts";
import type { Container } from "../../kubernetes/pod/container.ts";
import { viewWorkload, type WorkloadView } from "../../kubernetes/pod/workload-view.ts";
import { isValueMap, ownValue, valueAt } from "../../kubernetes/value.ts";
import type { ContainerRole, Origin } from "./description.ts";

/** Names of the containers that `generate` injects. */
const INJECTED = new Set([INITIALIZER_NAME, SIDECAR_NAME]);

/** A container as the YAML has it. */
export interface ContainerInYaml {
  readonly container: Container;
  readonly role: ContainerRole;
  /** Path below the pod spec. */
  readonly path: Path;
}

/** The YAML of a workload, asked for where parts of its policy come from. */
export class PodSource {
  readonly #object: KubernetesObject;
  readonly view: WorkloadView;
  /** The objects of the same file, once they are asked for. */
  #neighbours: readonly KubernetesObject[] | undefined;

  private constructor(object: KubernetesObject, view: WorkloadView) {
    this.#object = object;
    this.view = view;
  }

  /** @returns undefined without a workload, or when its fields are of wrong types */
  static of(object: KubernetesObject | undefined): PodSource | undefined {
    const view = object && viewWorkload(object, () => {});
    return object && view && new PodSource(object, view);
  }

  /** The container of a name; names are unique in a pod. */
  container(name: string): ContainerInYaml | undefined {
    const { initContainers = [], containers } = this.view.podSpec;
    for (const [list, members] of [["initContainers", initContainers] as const, ["containers", containers] as const]) {
      const index = members?.findIndex((member) => member.name === name) ?? -1;
      const container = members?.[index];
      if (container === undefined) continue;
      const isSidecar = list === "initContainers" && container.restartPolicy === "Always";
      const role = isSidecar ? "sidecar" : list === "initContainers" ? "init" : "container";
      return { container, role, path: [list, index] };
    }
    return undefined;
  }

  /** A field below the pod spec as an origin. */
  field(path: Path, detail = renderPath(path)): Origin {
    const place = this.#object.locate([...this.view.workload.podSpecPath, ...path]);
    const isInjected = INJECTED.has(String(this.#nameAt(path)));
    return isInjected
      ? { source: "contrast", detail: "injected by contrast generate", place }
      : { source: "yaml", detail, place };
  }

  /** A field of the object. */
  objectField(path: Path): Origin {
    return { source: "yaml", detail: renderPath(path), place: this.#object.locate(path) };
  }

  /** Whether a ConfigMap or Secret in the same file has a key; undefined where it is not there. */
  hasKey(kind: "ConfigMap" | "Secret", name: string, key: string): boolean | undefined {
    this.#neighbours ??= objectsOf(this.#object.document.stream, () => {});
    const found = this.#neighbours.find((object) => object.kind === kind && object.name === name);
    if (found === undefined) return undefined;
    return ["data", "stringData", "binaryData"].some((member) => {
      const data = ownValue(found.value, member);
      return isValueMap(data) && Object.hasOwn(data, key);
    });
  }

  #nameAt([list, index]: Path): unknown {
    if (list === undefined || index === undefined) return undefined;
    return valueAt(this.#object.value, [...this.view.workload.podSpecPath, list, index, "name"]);
  }
}

/** Whether `generate` injects containers of this name. */
export function isInjectedName(name: string): boolean {
  return INJECTED.has(name);
}

/** The origin of what neither the policy nor any YAML explains. */
export function unknownOrigin(detail: string): Origin {
  return { source: "unknown", detail };
}
