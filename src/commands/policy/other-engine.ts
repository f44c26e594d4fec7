import { ContrastError } from "../../lib/errors.ts";
import { evaluateRequest, type EvaluatedRequest } from "../../policy/evaluate-request.ts";
import { type OpenedPolicy, openPolicy, type OpenPolicyOptions } from "../../policy/open-policy.ts";
import type { WrittenRequest } from "../../policy/parse-requests.ts";
import type { Io } from "../../terminal/io.ts";

/**
 * Asks the engine of older guests beside that of later ones, where rules of others are decided by the later one: who
 * writes such rules could make the two disagree.
 */
export class OtherEngine {
  readonly #session: OpenedPolicy["session"] | undefined;
  readonly #log: Io["log"];

  private constructor(session: OpenedPolicy["session"] | undefined, log: Io["log"]) {
    this.#session = session;
    this.#log = log;
  }

  /** @param options as those of the session that decides */
  static async beside(
    { rules }: OpenedPolicy,
    text: string,
    options: OpenPolicyOptions,
    log: Io["log"],
  ): Promise<OtherEngine> {
    if (rules === "embedded" || options.engine !== "auto") return new OtherEngine(undefined, log);
    try {
      return new OtherEngine((await openPolicy(text, { ...options, engine: "guest" })).session, log);
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      log.warn("guests of Contrast 1.4 refuse this policy", { reason: error.message });
      return new OtherEngine(undefined, log);
    }
  }

  /** Warns where the older engine decides a request otherwise. */
  compare(number: number, request: WrittenRequest, exact: boolean, { verdict }: EvaluatedRequest): void {
    if (this.#session === undefined) return;
    const older = evaluateRequest(this.#session, request, exact);
    if (older.verdict === verdict) return;
    const details = { request: number, kind: request.kind, verdict: older.verdict };
    this.#log.warn("guests of Contrast 1.4 decide this request otherwise", details);
  }
}
