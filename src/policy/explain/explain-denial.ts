import type { KubernetesObject } from "../../kubernetes/object.ts";
import { ContrastError, inContext } from "../../lib/errors.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import { quoteText } from "../../lib/quote-text.ts";
import type { ExplainingSession } from "./explaining-session.ts";
import { explainRequest } from "./explain-request.ts";
import { fixedRefusal } from "./fixed-refusal.ts";
import { guideOf } from "./guide-of.ts";
import type { Denial } from "./parse-denial.ts";
import { kindsWith, type PastedRequest } from "./pasted-request.ts";
import { refusedFinding } from "./received-finding.ts";
import type { RefusalLine } from "./refusal-line.ts";
import type { Fault, RequestExplanation } from "./request-explanation.ts";

/** What the user says about a denial. */
export interface DenialOptions {
  /** Kind of requests that do not tell it. */
  readonly kind: string | undefined;
  /** Name of the container that the denial is about. */
  readonly container: string | undefined;
  /** The workload, to find what of its YAML governs a refusal. */
  readonly object: KubernetesObject | undefined;
}

/**
 * Explains everything that a text tells about refused requests: its requests in their order with one state, or else what
 * the rules of the guest have printed.
 *
 * @param signal ends the work between two requests
 * @throws ContrastError `policy/request-kind-unclear` and the codes of `explainRequest()`
 */
export async function explainDenial(
  denial: Denial,
  session: ExplainingSession,
  options: DenialOptions,
  signal: AbortSignal,
): Promise<readonly RequestExplanation[]> {
  const { requests, refusals } = denial;
  if (requests.length === 0) {
    const lines = refusals.length > 0 ? refusals : [{ container: undefined, checks: [], isCut: false }];
    return distinct(lines).map((line) => explainRefusal(line, denial, session, options));
  }
  const explanations: RequestExplanation[] = [];
  for (const [index, pasted] of requests.entries()) {
    await nextTurn();
    signal.throwIfAborted();
    const kind = kindOf(pasted, denial, options, index);
    const container = options.container ?? denial.container ?? containerOf(refusals, requests.length);
    try {
      const explanation = explainRequest({ ...pasted, kind, container, object: options.object }, session);
      explanations.push(pasted.cut === undefined ? explanation : withRefusals(explanation, refusals, session, options));
    } catch (error) {
      throw inContext(error, `Cannot explain request ${index + 1} of ${requests.length}`, "lib/internal");
    }
  }
  return explanations;
}

/**
 * The kind of a request: its own, the user's, or that of the event around it.
 *
 * @throws ContrastError `policy/request-kind-unclear`
 */
export function kindOf(
  { kind, request }: PastedRequest,
  denial: Denial,
  options: Pick<DenialOptions, "kind">,
  index: number,
): string {
  const found = kind ?? options.kind ?? denial.kind;
  if (found !== undefined) return found;
  const kinds = kindsWith(request);
  throw new ContrastError(
    "policy/request-kind-unclear",
    `Cannot explain request ${index + 1}: it could be ${kinds.slice(0, 4).join(", ") || "any"}${kinds.length > 4 ? " and others" : ""}`,
    { hint: "Say which it is with --kind." },
  );
}

/** A line of the guest says which container came nearest, if there is only one request that it can be about. */
function containerOf(refusals: readonly RefusalLine[], requests: number): string | undefined {
  const last = refusals.at(-1)?.container;
  return requests === 1 ? last : undefined;
}

function distinct(lines: readonly RefusalLine[]): readonly RefusalLine[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const text = JSON.stringify(line);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}

/** What is known of a refusal whose request is not in the text. */
function explainRefusal(
  line: RefusalLine,
  { kind, steps }: Denial,
  session: ExplainingSession,
  options: DenialOptions,
): RequestExplanation {
  const views = session.view?.containers ?? [];
  const name = line.container ?? options.container;
  const view = views.find((container) => container.name === name);
  if (name !== undefined && view === undefined && views.length > 0) {
    throw new ContrastError(
      "policy/choice-unclear",
      `Cannot explain refusal: the policy has no container ${quoteText(name)}, only ${views.map((own) => quoteText(own.name)).join(", ")}`,
      { hint: "Name the policy of the pod that was refused." },
    );
  }
  const known = options.kind ?? kind ?? (line.container === undefined ? "request" : "CreateContainerRequest");
  const fixed = line.checks.length === 0 && session.isOurs ? fixedRefusal(known, session.view) : [];
  const checks = [...line.checks, ...fixed];
  const compared = view === undefined ? undefined : { index: view.index, name: view.name, failed: line.checks };
  return {
    kind: known,
    description: undefined,
    verdict: "denied",
    error: undefined,
    cut: line.isCut ? [] : undefined,
    containers: compared === undefined ? [] : [compared],
    nearest: compared,
    faults: checks.map((check) => refusedFault(check, known, view, options)),
    unread: [],
    isReason: session.isOurs || checks.length > 0,
    prints: steps.map(({ text }) => text),
  };
}

function refusedFault(
  check: string,
  kind: string,
  container: Parameters<typeof refusedFinding>[1]["container"],
  { object }: DenialOptions,
): Fault {
  const guide = guideOf(check, kind);
  const findings = [refusedFinding(check, { object, container, guide })];
  return { check, title: guide.title, setting: guide.setting, isCertain: true, findings };
}

/** Adds the checks that the guest has named, but of which the text does not show what they read. */
function withRefusals(
  explanation: RequestExplanation,
  refusals: readonly RefusalLine[],
  session: ExplainingSession,
  options: DenialOptions,
): RequestExplanation {
  const { kind, nearest, faults } = explanation;
  const known = new Set(faults.map(({ check }) => check));
  const named = refusals.filter(({ container }) => container === undefined || container === nearest?.name);
  const others = [...new Set(named.flatMap(({ checks }) => checks))].filter((check) => !known.has(check));
  const view = session.view?.containers[nearest?.index ?? -1];
  const added = others.map((check) => refusedFault(check, kind, view, options));
  if (named.length === 0) return explanation;
  return {
    ...explanation,
    verdict: "denied",
    faults: [...faults, ...added],
    unread: explanation.unread.filter((check) => !others.includes(check)),
  };
}
