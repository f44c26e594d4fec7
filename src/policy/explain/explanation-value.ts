import * as v from "valibot";
import type { Path } from "../../kubernetes/path.ts";
import { ContrastError } from "../../lib/errors.ts";
import type { Json } from "../../lib/json.ts";

/** How an element of a request, or of a policy, makes a check fail. */
export type Deviation =
  /** The policy has another value in its place. */
  | "differs"
  /** The policy names it, or what it matches, among what must not be. */
  | "forbidden"
  /** The policy has nothing like it. */
  | "added"
  /** The policy has it, the request lacks it. */
  | "missing"
  /** The request has it twice. */
  | "doubled"
  /** Numbers of things do not fit. */
  | "counted"
  /** It cannot be right while something else is wrong. */
  | "depends";

/** One element that makes a check fail. */
export interface RuleFinding {
  /** Index of the container whose check it is; -1 for checks of no container. */
  readonly container: number;
  readonly check: string;
  readonly is: Deviation;
  /** Way to the element in the request, or to the list that lacks it. */
  readonly path: Path;
  /** What the policy has in its place; undefined where it has nothing. */
  readonly expected: Json | undefined;
}

/** Checks of one container that fail. */
export interface ContainerFaults {
  readonly failed: readonly string[];
  /** Contradictions to what earlier requests have settled. */
  readonly state: readonly string[];
}

/** What the rules say about a request: names of all failing checks, and elements that make them fail. */
export interface RequestFaults {
  readonly request: readonly string[];
  /** One for each container of the policy, in its order; empty for requests about none. */
  readonly containers: readonly ContainerFaults[];
  readonly findings: readonly RuleFinding[];
}

const names = v.array(v.string());

const findingSchema = v.object({
  container: v.number(),
  check: v.string(),
  is: v.picklist(["differs", "forbidden", "added", "missing", "doubled", "counted", "depends"]),
  path: v.array(v.union([v.string(), v.number()])),
  expected: v.optional(v.custom<Json>((value) => value !== undefined)),
});

const faultsSchema = v.object({
  request: names,
  containers: v.array(v.object({ failed: names, state: names })),
  findings: v.array(findingSchema),
});

/**
 * Reads the value of `agent_policy/explanation`.
 *
 * @throws ContrastError `rego/result-invalid`
 * @see policy/explain.rego
 */
export function parseExplanation(value: unknown): RequestFaults {
  const result = v.safeParse(faultsSchema, value);
  if (!result.success) {
    const [{ message }] = result.issues;
    throw new ContrastError("rego/result-invalid", `Cannot use explanation of the rules: ${message}`);
  }
  const { request, containers, findings } = result.output;
  return { request, containers, findings: findings.map((finding) => ({ ...finding, expected: finding.expected })) };
}
