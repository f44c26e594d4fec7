/** What the rules print when they refuse a request: which container, which checks. */
export interface RefusalLine {
  /** Name of a container; `pause` for the sandbox's own; undefined for requests that are about no container. */
  readonly container: string | undefined;
  /** Whole names of checks; a last name that is cut is not among them. */
  readonly checks: readonly string[];
  /** Whether the line ended inside a name. */
  readonly isCut: boolean;
}

/** A step that the rules of upstream print, in the order of evaluation. */
export interface PrintedStep {
  /** Line of the policy text. */
  readonly line: number;
  readonly text: string;
}

const REFUSAL =
  /(?:container (\\*)"([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)\1"|\b(sandbox|file|interface|routes|neighbors?|command)) (?:refuses|refused): ?([a-z_]+(?:, [a-z_]+)*)?(,? ?)/g;

const STEP = /\bagent_policy:(\d{1,6}): /g;

const MAX_STEP_LENGTH = 200;

/**
 * Finds what our rules print, such as `container "web" refuses: env, mounts`, however often its quotes are escaped.
 *
 * @param isCheck whether a name is that of a check
 */
export function findRefusalLines(text: string, isCheck: (name: string) => boolean): readonly RefusalLine[] {
  const unknown = UNKNOWN_CONTAINER.test(text) ? [{ container: undefined, checks: ["state_exec"], isCut: false }] : [];
  const lines = [...text.matchAll(REFUSAL)].map(([, , container, , list = "", tail = ""]) => {
    const names = list === "" ? [] : list.split(", ");
    const checks = names.filter(isCheck);
    return { container, checks, isCut: tail.includes(",") || checks.length < names.length };
  });
  return [...lines, ...unknown];
}

/** What the rules print about a command in a container that was not created. */
const UNKNOWN_CONTAINER = /\bagent_policy:\d{1,6}: unknown container\b/;

/** A whole request, and what our own rules print. */
const NO_STEP = /input = \{|refuse[sd]: |^unknown container/;

/**
 * The steps that the rules of upstream genpolicy print, each cut to a line's length; only the last ones are kept.
 *
 * @see kata-containers `src/tools/genpolicy/rules.rego`
 */
export function findPrintedSteps(text: string): readonly PrintedStep[] {
  const starts = [...text.matchAll(STEP)].slice(-200);
  const steps = starts.map((start, index) => {
    const from = start.index + start[0].length;
    const to = Math.min(starts[index + 1]?.index ?? text.length, from + MAX_STEP_LENGTH);
    return { line: Number(start[1]), text: text.slice(from, to).trim() };
  });
  return steps.filter((step) => !NO_STEP.test(step.text));
}
