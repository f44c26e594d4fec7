import { viewWorkload } from "../../kubernetes/pod/workload-view.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { Problem } from "../../lib/problems.ts";
import type { DecidingEngine } from "../../rego/deciding-engine.ts";
import type { DecidingSession } from "../../rego/deciding-session.ts";
import { renderPolicyData } from "../render-policy.ts";
import { containerImages, podSteps } from "./pod-steps.ts";
import type { SelfCheckInput } from "./self-check.ts";
import type { SelfCheckStep } from "./self-check-step.ts";

/** Most checks that one warning names. */
const MAX_NAMED = 5;

/** Longest time that a run spends on trying; rules as text take some hundred times longer than compiled ones. */
const BUDGET_MS = 60_000;

/** What a policy is tried with. */
export type TrialInput = Omit<SelfCheckInput, "engine">;

/**
 * Tries policies whose rules are not those of this program. Their authors may refuse more or allow more on purpose, so
 * what differs is told as a warning. What the runtime will send is tried for every workload; forged requests, which say
 * more about the rules than about the workload, once for each kind of forgery in a run.
 */
export class OtherRulesTrial {
  readonly #engine: DecidingEngine;
  readonly #tried = new Set<string>();
  readonly #clockMs: () => number;
  #spentMs = 0;
  /** Set when the rules cost too much to try any more of them. */
  #isOver = false;

  /** @param clockMs a clock that never goes back */
  constructor(engine: DecidingEngine, clockMs: () => number) {
    this.#engine = engine;
    this.#clockMs = clockMs;
  }

  /**
   * Tries one policy.
   *
   * @param input `problems` receives the warnings `policy/rules-refuse`, `policy/rules-allow` and `policy/rules-untried`
   */
  async try(input: TrialInput): Promise<void> {
    const { object, data, problems } = input;
    const view = viewWorkload(object, () => {});
    if (view === undefined || this.#isOver) return;
    const containers = await containerImages({ ...input, view });
    const place = object.locate(view.workload.podSpecPath);
    const refused: string[] = [];
    const forged: string[] = [];
    const startedMs = this.#clockMs() - this.#spentMs;
    try {
      const session = this.#engine.open(renderPolicyData(data));
      for (const step of podSteps({ ...input, view }, containers)) {
        const isAllowed = step.allowed ? this.#allows(session, step, refused) : this.#allowsForged(session, step);
        if (step.allowed && !isAllowed) refused.push(nameOf(step));
        if (!step.allowed && isAllowed) forged.push(nameOf(step));
        this.#spentMs = this.#clockMs() - startedMs;
        if (this.#spentMs > BUDGET_MS) throw tooSlow();
      }
    } catch (error) {
      if (!(error instanceof ContrastError)) throw error;
      this.#isOver = true;
      problems.warn({ ...place, code: "policy/rules-untried", message: error.message, hint: error.hint });
    }
    if (refused.length > 0) problems.warn({ ...place, ...refusal(refused) });
    if (forged.length > 0) problems.warn({ ...place, ...permission(forged) });
  }

  /** Requests about what was refused before cannot be expected to be allowed, and would only repeat the warning. */
  #allows(session: DecidingSession, step: SelfCheckStep, refused: readonly string[]): boolean {
    return refused.length > 0 || isAllowed(() => session.decide(step.kind, step.request()));
  }

  #allowsForged(session: DecidingSession, step: SelfCheckStep): boolean {
    const question = `${step.kind} ${step.check}`;
    if (this.#tried.has(question)) return false;
    this.#tried.add(question);
    return isAllowed(() => session.evaluate(step.kind, step.request()));
  }
}

function tooSlow(): ContrastError {
  return new ContrastError(
    "rego/limit-exceeded",
    `Cannot try every policy: the rules took more than ${BUDGET_MS / 1000} seconds`,
    { hint: 'Try the other workloads with "contrast policy eval".' },
  );
}

/** The agent answers a request without verdict with an error, which is a refusal too. */
function isAllowed(decide: () => { readonly allowed: boolean }): boolean {
  try {
    return decide().allowed;
  } catch (error) {
    const isVerdict = error instanceof ContrastError && UNDECIDED.has(error.code);
    if (isVerdict) return false;
    throw error;
  }
}

const UNDECIDED: ReadonlySet<string> = new Set([
  "rego/entry-point-unknown",
  "rego/result-invalid",
  "rego/evaluation-failed",
]);

const nameOf = ({ container, kind, check }: SelfCheckStep): string => `${kind} of ${container} (${check})`;

function listOf(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  return names.slice(0, MAX_NAMED).join(", ") + more;
}

type Finding = Pick<Problem, "code" | "message" | "hint">;

function refusal(names: readonly string[]): Finding {
  return {
    code: "policy/rules-refuse",
    message: `the rules refuse what the runtime will send, as far as is known: ${listOf(names)}`,
    hint: 'Try the requests of a real runtime with "contrast policy eval", unless the rules refuse them on purpose.',
  };
}

function permission(names: readonly string[]): Finding {
  return {
    code: "policy/rules-allow",
    message: `the rules allow forged requests that the rules of this version refuse: ${listOf(names)}`,
    hint: "Make sure that the rules allow them on purpose: the host can send such requests.",
  };
}
