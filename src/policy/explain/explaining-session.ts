import { ContrastError } from "../../lib/errors.ts";
import { isJsonObject, type Json } from "../../lib/json.ts";
import { PolicyEngine, type PolicySession } from "../../rego/policy-engine.ts";
import type { DecidingSession } from "../../rego/deciding-session.ts";
import { splitPolicyText } from "../../rego/policy-text.ts";
import { openPolicy } from "../open-policy.ts";
import { parsePolicy } from "../parse-policy.ts";
import type { PolicyView } from "../policy-view.ts";
import { parseExplanation, type RequestFaults } from "./explanation-value.ts";

/** The answer of a policy to a request; undefined where there is none, which the agent answers with an internal error. */
export interface Answer {
  readonly allowed: boolean | undefined;
  readonly error: string | undefined;
  /** What the rules printed. */
  readonly prints: readonly string[];
}

/** One sandbox under a policy that can say why it refuses. */
export class ExplainingSession {
  /** Whether the rules are this program's, so that their explanation is the reason of the decision. */
  readonly isOurs: boolean;
  /** The data of the policy; undefined where they are not to be read. */
  readonly view: PolicyView | undefined;
  readonly #deciding: DecidingSession;
  /** Our rules with the data of the policy; undefined where the data are of another form. */
  readonly #comparing: PolicySession | undefined;

  private constructor(
    isOurs: boolean,
    view: PolicyView | undefined,
    deciding: DecidingSession,
    comparing: PolicySession | undefined,
  ) {
    this.isOurs = isOurs;
    this.view = view;
    this.#deciding = deciding;
    this.#comparing = comparing;
  }

  /**
   * Begins the life of a sandbox, with an empty state.
   *
   * @throws ContrastError the codes of `openPolicy()`
   */
  static async open(text: string): Promise<ExplainingSession> {
    const { isEmbeddedRules, data } = parsePolicy(text);
    const { dataText } = splitPolicyText(text);
    const isKnown = data !== undefined && dataText !== undefined && Array.isArray(data.raw["containers"]);
    const comparing = isKnown ? (await PolicyEngine.load()).open(dataText) : undefined;
    if (isEmbeddedRules && comparing !== undefined) return new ExplainingSession(true, data, comparing, comparing);
    return new ExplainingSession(false, data, (await openPolicy(text)).session, comparing);
  }

  /**
   * Decides a request as the agent does; what an allowed one settles holds for the following ones.
   *
   * @param request complete, as `completeRequest()` makes it
   */
  decide(kind: string, request: Json): Answer {
    try {
      const decision = this.#deciding.decide(kind, request);
      if (decision.allowed && this.#comparing !== this.#deciding) this.#follow(kind, request);
      return { allowed: decision.allowed, error: undefined, prints: decision.prints ?? [] };
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      return { allowed: undefined, error: error.message, prints: [] };
    }
  }

  /**
   * Why our rules would refuse a request under the data of the policy; the state stays as it is.
   *
   * @param containers indexes of the containers whose failing elements are wanted
   * @returns undefined where the data of the policy are of another form
   * @throws ContrastError `rego/evaluation-failed`, `rego/result-invalid`
   */
  faultsOf(kind: string, request: Json, containers: readonly number[]): RequestFaults | undefined {
    if (this.#comparing === undefined || !isJsonObject(request)) return undefined;
    return parseExplanation(this.#comparing.query("explanation", { ...request, explained: { kind, containers } }));
  }

  /** Keeps the state of the comparison beside that of rules that are not ours, as far as it goes. */
  #follow(kind: string, request: Json): void {
    try {
      this.#comparing?.decide(kind, request);
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
    }
  }
}
