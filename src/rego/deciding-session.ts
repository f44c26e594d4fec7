import type { Json } from "../lib/json.ts";
import type { Decision, StateChange } from "./decision.ts";

/** What a session decided. */
export interface SessionDecision extends Omit<Decision, "ops"> {
  /** Changes of the state: of embedded rules only members of it, of other rules any operation of JSON Patch (RFC 6902). */
  readonly ops: readonly (StateChange | Json)[];
  /** What the rules printed, in order, each with its line; absent where the engine drops prints. */
  readonly prints?: readonly string[];
}

/** One sandbox under a policy, whichever engine evaluates it. */
export interface DecidingSession {
  /**
   * Decides a request as the agent does: what an allowed request settles holds for the following ones.
   *
   * @param kind entry point, such as `CreateContainerRequest`
   * @param request complete, as `completeRequest()` makes it
   * @throws ContrastError `rego/entry-point-unknown`, `rego/evaluation-failed`, `rego/result-invalid`,
   *   `rego/state-change-failed`; of the engine for other rules also `rego/limit-exceeded`
   */
  decide(kind: string, request: Json): SessionDecision;
  /** Like `decide()`, but leaves the state alone. */
  evaluate(kind: string, request: Json): SessionDecision;
  /** Forgets what requests have settled. */
  reset(): void;
}
