import type { DecidingEngine } from "../deciding-engine.ts";
import { regorusModule } from "./regorus-module.ts";
import { type RegorusOptions, RegorusSession } from "./regorus-session.ts";
import { SharedInstance } from "./shared-instance.ts";

/**
 * Words that Rego version 0 takes for names unless they are imported. A rule that has one for its name comes from a text
 * in newer Rego without import: guests take `X if { … }` for a rule X without conditions, and one named `if`.
 */
export const MISREAD_WORDS: readonly string[] = ["if", "contains", "every", "in"];

/** Rules as text, of anybody, for any number of policies that take turns. */
export class RulesEngine implements DecidingEngine {
  readonly #shared: SharedInstance;
  readonly #rules: string;
  readonly #options: RegorusOptions;

  private constructor(module: WebAssembly.Module, rules: string, options: RegorusOptions) {
    this.#shared = new SharedInstance(module);
    this.#rules = rules;
    this.#options = options;
  }

  /** @throws ContrastError `rego/module-invalid` */
  static async load(rules: string, options: RegorusOptions): Promise<RulesEngine> {
    return new RulesEngine(await regorusModule(), rules, options);
  }

  /** @throws ContrastError as `openRegorusSession()` */
  open(policyDataText: string): RegorusSession {
    return new RegorusSession(this.#shared, `${this.#rules}\npolicy_data := ${policyDataText}`, this.#options);
  }
}
