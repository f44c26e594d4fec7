import type { KubernetesObject } from "../../kubernetes/object.ts";
import type { WorkloadView } from "../../kubernetes/pod/workload-view.ts";
import { sha256Hex } from "../../lib/digest.ts";
import type { PolicyEngine } from "../../rego/policy-engine.ts";
import { escapePattern } from "../escape-pattern.ts";
import type { PolicyData } from "../policy-data.ts";

/** Questions that a run has answered rightly; an answer holds for all policies with the same rules and settings. */
export class SelfCheckMemory {
  static readonly #memories = new WeakMap<PolicyEngine, SelfCheckMemory>();
  readonly #settings: readonly object[];
  readonly #answered = new Set<string>();

  private constructor(settings: readonly object[]) {
    this.#settings = settings;
  }

  /** The memory of a run; another engine or other settings begin with an empty one. */
  static of(engine: PolicyEngine, data: PolicyData): SelfCheckMemory {
    const settings = [data.common, data.sandbox, data.request_defaults, data.devices, data.cluster_config];
    const known = SelfCheckMemory.#memories.get(engine);
    if (known !== undefined && settings.every((part, index) => part === known.#settings[index])) return known;
    const memory = new SelfCheckMemory(settings);
    SelfCheckMemory.#memories.set(engine, memory);
    return memory;
  }

  knows(question: string): boolean {
    return this.#answered.has(question);
  }

  learn(question: string): void {
    this.#answered.add(question);
  }
}

/**
 * A digest of everything that the check of a workload depends on, apart from its name. Workloads that differ in nothing
 * but their names get the same answers, because a name is only compared with itself.
 */
export function workloadShape(object: KubernetesObject, view: WorkloadView, dataText: string): string {
  const { annotations, labels } = view.templateMetadata;
  const spec = JSON.stringify([object.kind, object.namespace, annotations, labels, object.value["spec"]], plain);
  const text = `${spec}\n${dataText}`;
  return sha256Hex(object.name === undefined ? text : text.replaceAll(wholeName(object.name), "\u0000"));
}

/** The name where it is not part of a longer word. */
function wholeName(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9])${escapePattern(name)}(?![A-Za-z0-9])`, "g");
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
