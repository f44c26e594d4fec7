import type { KubernetesObject } from "../../../src/kubernetes/object.ts";
import type { Json } from "../../../src/lib/json.ts";
import { ExplainingSession } from "../../../src/policy/explain/explaining-session.ts";
import { explainRequest, type RequestQuestion } from "../../../src/policy/explain/explain-request.ts";
import type { RequestExplanation } from "../../../src/policy/explain/request-explanation.ts";
import { renderPolicy } from "../../../src/policy/render-policy.ts";
import { rulesText } from "../../../src/policy/rules-text.ts";
import { type SelfCheckCase, selfCheckCases } from "../../../src/policy/self-check/self-check-cases.ts";
import { derive, type DeriveOptions } from "../../fakes/policy-input.ts";

/** A pod with its policy, and what its runtime would ask for. */
export interface ExplainedPolicy {
  readonly text: string;
  readonly object: KubernetesObject;
  /** Genuine requests and forged ones, with the wanted answers. */
  readonly cases: readonly SelfCheckCase[];
}

/** Derives the policy of the first workload of a YAML text, and the requests of its self-check. */
export async function explainedPolicy(yaml: string, options: DeriveOptions = {}): Promise<ExplainedPolicy> {
  const derived = await derive(yaml, options);
  if (derived.data === undefined) throw new Error(derived.errors.join("\n"));
  const text = renderPolicy(rulesText(), derived.data).text;
  return { text, object: derived.object, cases: await selfCheckCases({ ...derived, data: derived.data }) };
}

/** The explanation of a request in a sandbox in which nothing happened before, unless a session is given. */
export async function explain(
  policy: Pick<ExplainedPolicy, "text"> & { readonly object?: KubernetesObject },
  question: Pick<RequestQuestion, "kind" | "request"> & Partial<RequestQuestion>,
  session?: ExplainingSession,
): Promise<RequestExplanation> {
  const base = { cut: undefined, description: undefined, container: undefined, object: policy.object };
  return explainRequest({ ...base, ...question }, session ?? (await ExplainingSession.open(policy.text)));
}

/** The request that creates a container, as its runtime sends it. */
export function creationOf({ cases }: ExplainedPolicy, container: string): Json {
  const found = cases.find(({ description }) => description === `${container}: container`);
  if (found === undefined) throw new Error(`no container ${container}`);
  return found.request;
}
