import type { Json } from "../lib/json.ts";
import { ContrastError } from "../lib/errors.ts";
import { parseDecision, type Decision } from "./decision.ts";
import { type DataFrame, OpaInstance } from "./opa-instance.ts";
import { rulesOpaModule } from "./opa-module.ts";
import { PolicyState } from "./policy-state.ts";

/** Package of the rules, as the agent asks for them. */
const PACKAGE = "agent_policy";

/**
 * Evaluates the rules of `policy/rules.rego` for any number of policies. Sessions share one instance of the module;
 * the data of a session are loaded when it is its turn, so calls that stay with one session are the fast ones.
 */
export class PolicyEngine {
  readonly #createInstance: () => OpaInstance;
  #instance: OpaInstance;
  /** The session whose data the instance holds. */
  #loaded: PolicySession | undefined;

  private constructor(createInstance: () => OpaInstance) {
    this.#createInstance = createInstance;
    this.#instance = createInstance();
  }

  /**
   * Starts the engine.
   *
   * @param module default: the rules that this program ships
   * @throws ContrastError `rego/module-invalid`
   */
  static async load(module?: WebAssembly.Module): Promise<PolicyEngine> {
    return new PolicyEngine(await OpaInstance.factory(module ?? (await rulesOpaModule())));
  }

  /** Kinds of requests that the rules answer, such as `CreateContainerRequest`. */
  get kinds(): readonly string[] {
    const names = [...this.#instance.entryPoints].map((name) => name.slice(PACKAGE.length + 1));
    return names.filter((name) => /^[A-Z]/.test(name));
  }

  get memoryBytes(): number {
    return this.#instance.memoryBytes;
  }

  /**
   * Begins the life of a sandbox under a policy, with an empty state.
   *
   * @param policyDataText the value of `policy_data` as JSON text
   */
  open(policyDataText: string): PolicySession {
    const session: PolicySession = new PolicySession(policyDataText, {
      query: (name, input) => this.#query(session, name, input),
      changed: () => this.#reframe(session),
    });
    return session;
  }

  #query(session: PolicySession, name: string, input: Json): unknown {
    const entryPoint = `${PACKAGE}/${name}`;
    if (!this.#instance.entryPoints.has(entryPoint)) {
      throw new ContrastError("rego/entry-point-unknown", `Cannot evaluate "${name}": the rules have no such request`);
    }
    try {
      if (this.#loaded !== session) {
        this.#loaded = undefined;
        this.#instance.setData(session.policyDataText, session.frame());
        this.#loaded = session;
      }
      return this.#instance.evaluate(entryPoint, input);
    } catch (error) {
      this.#loaded = undefined;
      this.#instance = this.#createInstance();
      throw error;
    }
  }

  #reframe(session: PolicySession): void {
    if (this.#loaded === session) this.#instance.setFrame(session.frame());
  }
}

interface SessionHost {
  query(name: string, input: Json): unknown;
  /** The state is another one than at the last evaluation. */
  changed(): void;
}

/** One sandbox: a policy and what its allowed requests have settled. */
export class PolicySession {
  /** The value of `policy_data` as JSON text. */
  readonly policyDataText: string;
  readonly #host: SessionHost;
  readonly #state = new PolicyState();

  constructor(policyDataText: string, host: SessionHost) {
    this.policyDataText = policyDataText;
    this.#host = host;
  }

  /**
   * Decides a request as the agent does: the state changes with allowed requests.
   *
   * @param kind entry point, such as `CreateContainerRequest`
   * @param request complete, as `completeRequest()` makes it
   * @throws ContrastError `rego/entry-point-unknown`, `rego/evaluation-failed`, `rego/result-invalid`,
   *   `rego/state-change-failed`
   */
  decide(kind: string, request: Json): Decision {
    const decision = this.evaluate(kind, request);
    if (decision.ops.length > 0) {
      this.#state.apply(decision.ops);
      this.#host.changed();
    }
    return decision;
  }

  /** Like `decide()`, but leaves the state alone. */
  evaluate(kind: string, request: Json): Decision {
    return parseDecision(this.query(kind, request));
  }

  /**
   * The value of another entry point than those of requests, such as what explains a refusal. The state stays as it is.
   *
   * @returns undefined where it has none
   * @throws ContrastError `rego/entry-point-unknown`, `rego/evaluation-failed`
   */
  query(name: string, input: Json): unknown {
    return this.#host.query(name, input);
  }

  /** Forgets what requests have settled. */
  reset(): void {
    if (this.#state.isEmpty) return;
    this.#state.clear();
    this.#host.changed();
  }

  /** The data document for the rules, as JSON text. */
  document(): string {
    return `{"${PACKAGE}":{"policy_data":${this.policyDataText}},"pstate":${this.#state.render()}}`;
  }

  /** The data document without the policy, and where in it the policy belongs. */
  frame(): DataFrame {
    return { text: `{"${PACKAGE}":{},"pstate":${this.#state.render()}}`, path: [PACKAGE, "policy_data"] };
  }
}
