import type { PolicyEngine } from "../../rego/policy-engine.ts";
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
