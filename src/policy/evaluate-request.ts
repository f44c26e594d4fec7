import { ContrastError } from "../lib/errors.ts";
import type { Json } from "../lib/json.ts";
import type { DecidingSession, SessionDecision } from "../rego/deciding-session.ts";
import { completeRequest } from "./complete-request.ts";
import type { WrittenRequest } from "./parse-requests.ts";
import { REQUEST_SHAPES } from "./request-schema.ts";

/** What came of one request. */
export interface EvaluatedRequest {
  readonly kind: string;
  readonly description: string | undefined;
  /** `error` where the policy gave no verdict; the agent answers such requests with an internal error. */
  readonly verdict: "allow" | "deny" | "error";
  readonly decision: SessionDecision | undefined;
  readonly error: ContrastError | undefined;
}

/**
 * Decides one request in a sandbox; what an allowed one settles holds for those after it.
 *
 * @param exact hands the request over as it is, for messages of other agents than those whose members are known here;
 *   otherwise members that it leaves out get the default of their type
 */
export function evaluateRequest(
  session: DecidingSession,
  { kind, request, description }: WrittenRequest,
  exact: boolean,
): EvaluatedRequest {
  try {
    const decision = session.decide(kind, exact ? request : completed(kind, request));
    return { kind, description, verdict: decision.allowed ? "allow" : "deny", decision, error: undefined };
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    return { kind, description, verdict: "error", decision: undefined, error };
  }
}

/** Requests that only other agents know cannot be completed. */
function completed(kind: string, request: Json): Json {
  return Object.hasOwn(REQUEST_SHAPES, kind) ? completeRequest(kind, request) : request;
}
