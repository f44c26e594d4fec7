import { ContrastError } from "../../lib/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../../lib/json.ts";
import type { DecidingSession, SessionDecision } from "../deciding-session.ts";
import { assertPolicySize } from "../policy-text.ts";
import type { CoveredLines } from "./covered-lines.ts";
import type { RegorusInstance } from "./regorus-instance.ts";
import { regorusModule } from "./regorus-module.ts";
import { SharedInstance } from "./shared-instance.ts";

/** Versions of regorus: `guest` is that of Contrast 1.4 and Kata 3.13 to 3.19, `current` that of later guests. */
export type RegorusEngine = "guest" | "current";

/** How a policy is loaded. */
export interface RegorusOptions {
  readonly engine: RegorusEngine;
  /** Version of Rego that the text is read as; guests read version 0, in which `import rego.v1` switches. */
  readonly syntax?: "v0" | "v1";
  /** Counts the lines that are evaluated, at some cost. */
  readonly coverage?: boolean;
  /** Longest time for loading, and for each request; default 10 seconds. */
  readonly patienceMs?: number;
}

const ENGINE_NUMBERS = { guest: 0, current: 1 } as const;

const DEFAULT_PATIENCE_MS = 10_000;

/** A policy that has wasted its patience this often would do so again: a file of requests must not take hours. */
const MAX_WASTED = 3;

/** What the agent keeps before the first request. */
const EMPTY_STATE = `{"pstate":{}}`;

/** Rule that turns refusals into permissions, for development. */
const LENIENT_RULE = "AllowRequestsFailingPolicy";

/** Answers of the engine hold what rules made of a request, so they may be deeper than it. */
const ANSWER_LIMITS = { maxBytes: 256 * 1024 * 1024, maxDepth: 1000 };

/** One sandbox under any policy text, decided by the engine of the guests as the agent does it. */
export class RegorusSession implements DecidingSession {
  readonly #shared: SharedInstance;
  readonly #text: string;
  readonly #options: RegorusOptions;
  /** The document that the agent keeps, as JSON text. */
  #state = EMPTY_STATE;
  /** Time of calls that ended at a limit. */
  #wastedMs = 0;
  /** Whether the policy allows what it refuses, as its rule `AllowRequestsFailingPolicy` says. */
  readonly isLenient: boolean;

  /**
   * Loads a policy.
   *
   * @param shared used by this session whenever it is its turn
   * @param text rules of package `agent_policy`, with their data
   * @throws ContrastError as `openRegorusSession()`
   */
  constructor(shared: SharedInstance, text: string, options: RegorusOptions) {
    assertPolicySize(text);
    this.#shared = shared;
    this.#text = text;
    this.#options = options;
    this.isLenient = this.#evaluate(LENIENT_RULE, {}, false)["value"] === true;
  }

  decide(kind: string, request: Json): SessionDecision {
    return this.#answer(kind, request, true);
  }

  evaluate(kind: string, request: Json): SessionDecision {
    return this.#answer(kind, request, false);
  }

  reset(): void {
    if (this.#state === EMPTY_STATE) return;
    this.#state = EMPTY_STATE;
    this.#call("set_state", EMPTY_STATE);
  }

  /** Of the given names those that the policy has rules for, in the given order. */
  declared(names: readonly string[]): readonly string[] {
    const found: unknown = JSON.parse(this.#call("declared", names.join("\n")));
    return Array.isArray(found) ? found.map(String) : [];
  }

  /** Lines that were evaluated since it is this session's turn; only with the option `coverage`. */
  coverage(): CoveredLines {
    const { covered, notCovered } = this.#parse(this.#call("coverage", ""));
    return { covered: numbers(covered), notCovered: numbers(notCovered) };
  }

  #answer(kind: string, request: Json, settle: boolean): SessionDecision {
    const { value, prints, state } = this.#evaluate(kind, request, settle);
    if (typeof state === "string") this.#state = state;
    const printed = Array.isArray(prints) ? prints.map(String) : [];
    if (value === undefined) {
      if (this.isLenient) return { allowed: true, ops: [], prints: printed };
      throw new ContrastError("rego/entry-point-unknown", `Cannot evaluate "${kind}": the rules have no value for it`);
    }
    const { allowed, ops } = readDecision(value);
    return { allowed: allowed || this.isLenient, ops: allowed ? ops : [], prints: printed };
  }

  #evaluate(kind: string, request: Json, settle: boolean): JsonObject {
    return this.#parse(this.#call("evaluate", `${kind}\n${JSON.stringify(request)}`, settle ? 1 : 0));
  }

  #call(operation: "set_state" | "evaluate" | "declared" | "coverage", input: string, ...flags: number[]): string {
    if (this.#wastedMs >= MAX_WASTED * this.#patienceMs) throw wornOut();
    const startedMs = performance.now();
    try {
      const instance = this.#shared.forOwner(this, (fresh) => this.#load(fresh));
      return instance.call(operation, input, this.#patienceMs, ...flags);
    } catch (error) {
      const isLimit = error instanceof ContrastError && error.code === "rego/limit-exceeded";
      if (isLimit) this.#wastedMs += performance.now() - startedMs;
      throw error;
    }
  }

  #load(instance: RegorusInstance): void {
    const { engine, syntax, coverage } = this.#options;
    const numbers = [ENGINE_NUMBERS[engine], syntax === "v1" ? 1 : 0, coverage === true ? 1 : 0];
    instance.call("open", this.#text, this.#patienceMs, ...numbers);
    if (this.#state !== EMPTY_STATE) instance.call("set_state", this.#state, this.#patienceMs);
  }

  get #patienceMs(): number {
    return this.#options.patienceMs ?? DEFAULT_PATIENCE_MS;
  }

  #parse(answer: string): JsonObject {
    const value = parseJson(answer, "answer of policy engine", ANSWER_LIMITS);
    return isJsonObject(value) ? value : {};
  }
}

/**
 * Loads a policy into an engine of its own.
 *
 * @param text rules of package `agent_policy`, with their data
 * @throws ContrastError `rego/policy-too-large`, `rego/syntax-invalid`, `rego/limit-exceeded`,
 *   `rego/evaluation-failed` where the rules contradict each other or call what guests do not have
 */
export async function openRegorusSession(text: string, options: RegorusOptions): Promise<RegorusSession> {
  return new RegorusSession(new SharedInstance(await regorusModule()), text, options);
}

function wornOut(): ContrastError {
  return new ContrastError(
    "rego/limit-exceeded",
    `Cannot evaluate policy: it ran out of time ${MAX_WASTED} times and is not asked again`,
    { hint: "Simplify the rules, or ask with the requests that it can decide." },
  );
}

/** Reads the value of an entry point as the agent does, with operations of any form. */
function readDecision(value: Json): { readonly allowed: boolean; readonly ops: readonly Json[] } {
  if (typeof value === "boolean") return { allowed: value, ops: [] };
  const { allowed, ops = [] } = isJsonObject(value) ? value : {};
  if (typeof allowed === "boolean" && Array.isArray(ops)) return { allowed, ops };
  throw new ContrastError(
    "rego/result-invalid",
    `Cannot use result of policy: got ${JSON.stringify(value).slice(0, 200)}, want a boolean or an object with "allowed"`,
  );
}

function numbers(value: Json | undefined): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}
