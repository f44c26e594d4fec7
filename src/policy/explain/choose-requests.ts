import { ContrastError } from "../../lib/errors.ts";
import type { Json } from "../../lib/json.ts";
import type { Denial } from "./parse-denial.ts";
import { kindOf } from "./explain-denial.ts";
import { jsonAt } from "./known-part.ts";
import type { RequestExplanation } from "./request-explanation.ts";

/** A request that is worth keeping, with what the policy says about it. */
export interface ChosenRequest {
  readonly kind: string;
  readonly request: Json;
  readonly explanation: RequestExplanation;
}

/**
 * Chooses the requests of a denial that a test case needs: those that are refused, each with the ones before it that
 * settled what it depends on; a text with a single request is about that one.
 *
 * @param explanations of the denial's requests, in their order
 * @throws ContrastError `policy/request-undecided` for a request that was cut or that the policy has no answer to,
 *   `policy/request-not-found` for a text without requests, or one whose requests are all allowed
 */
export function chooseRequests(
  denial: Denial,
  explanations: readonly RequestExplanation[],
  options: { readonly kind: string | undefined },
): readonly ChosenRequest[] {
  const all = denial.requests.flatMap((pasted, index): readonly ChosenRequest[] => {
    const explanation = explanations[index];
    const kind = kindOf(pasted, denial, options, index);
    return explanation === undefined ? [] : [{ kind, request: pasted.request, explanation }];
  });
  const refused = all.filter(({ explanation }) => explanation.verdict !== "allowed");
  const [only, second] = all;
  const wanted = only !== undefined && second === undefined ? all : refused;
  if (wanted.length === 0) {
    const fact = all.length === 0 ? "the text holds no request" : `all ${all.length} requests are allowed`;
    throw new ContrastError("policy/request-not-found", `Cannot record case: ${fact}`, {
      hint: "Give the whole request from the agent's log; the event alone does not hold it.",
    });
  }
  for (const { explanation } of wanted) assertDecided(explanation);
  return all.filter((chosen, index) => wanted.includes(chosen) || isNeeded(chosen, all.slice(index + 1), wanted));
}

function assertDecided({ verdict, cut, kind, error }: RequestExplanation): void {
  if (verdict !== "unknown" && verdict !== "error" && cut === undefined) return;
  const fact = cut === undefined ? (error ?? "there is no answer") : "the text ends before it does";
  throw new ContrastError("policy/request-undecided", `Cannot record ${kind}: ${fact}`, {
    hint: "Get the whole request from the agent's log.",
  });
}

/** An allowed request that a later one depends on: the creation of its container, or of others of its sandbox. */
function isNeeded(
  { kind, request, explanation }: ChosenRequest,
  later: readonly ChosenRequest[],
  wanted: readonly ChosenRequest[],
): boolean {
  if (kind !== "CreateContainerRequest" || explanation.verdict !== "allowed") return false;
  const id = jsonAt(request, ["container_id"]);
  return later.some((other) => {
    if (!wanted.includes(other)) return false;
    const isState = other.explanation.faults.some(({ check }) => check.startsWith("state_"));
    return isState || (other.kind === "ExecProcessRequest" && jsonAt(other.request, ["container_id"]) === id);
  });
}
