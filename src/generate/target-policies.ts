import type { ConfigLookup } from "../kubernetes/config-lookup.ts";
import type { Path } from "../kubernetes/path.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { mapAhead } from "../lib/pool.ts";
import { Problems } from "../lib/problems.ts";
import type { WorkloadPolicy } from "../manifest/policies.ts";
import type { ImageProvider } from "../oci/image.ts";
import { derivePolicyData } from "../policy/derive-policy-data.ts";
import type { InitdataDigests } from "../policy/initdata/initdata-digests.ts";
import type { PolicyData } from "../policy/policy-data.ts";
import { MAX_COMFORTABLE_ANNOTATION_BYTES, renderPolicy } from "../policy/render-policy.ts";
import type { Settings } from "../policy/settings.ts";
import { collectWorkload, describeWorkload } from "./collect-workload.ts";
import type { Target } from "./patch-targets.ts";
import { carryPolicy, type InitdataPlan } from "./carry-policy.ts";
import { reportError } from "./patch-view.ts";
import { withPolicyAnnotation } from "./policy-annotation.ts";

/** A target as it is to be written. */
export interface FinishedTarget {
  readonly target: Target;
  /** With its policy. */
  readonly value: ValueMap;
  /** Undefined for workloads that have no policy. */
  readonly policy: WorkloadPolicy | undefined;
  readonly initdata?: InitdataDigests | undefined;
  /** What the Coordinator is sent of it, without what initdata adds; 0 where no policy was made. */
  readonly policyBytes: number;
}

/** What policies are made from, beside the workload. */
export interface PolicyIngredients {
  readonly rules: string;
  readonly settings: Settings;
  readonly images: ImageProvider;
  readonly configs: ConfigLookup;
  /** How policies travel in initdata; undefined where they travel alone. */
  readonly initdata: InitdataPlan | undefined;
  /** Called with the data of every policy before it is used. */
  readonly check: SelfCheck | undefined;
}

/** Tries a policy; what it finds goes to the problems. */
export type SelfCheck = (target: Target, data: PolicyData, problems: Problems) => Promise<void>;

/** Image layers are fetched while policies are derived, so several derivations wait side by side. */
const DERIVATIONS_AHEAD = 8;

/**
 * Makes the policy of every confidential target and annotates the target with it, in order and on demand: the policies
 * of a large deployment never exist all at once.
 *
 * @param problems receives everything that no policy can express, and warnings
 */
export async function* finishTargets(
  targets: readonly Target[],
  ingredients: PolicyIngredients,
  problems: Problems,
): AsyncGenerator<FinishedTarget> {
  const missing = new Set<string>();
  const derived = mapAhead(targets, DERIVATIONS_AHEAD, async (target) => {
    const own = new Problems();
    return { finished: await finishTarget(target, ingredients, own), own };
  });
  // Problems are told in the order of the input, not in that of the derivations.
  for await (const { finished, own } of derived) {
    for (const warning of own.warnings) problems.warn(warning);
    for (const error of own.errors) {
      // A layer that cannot be had is told where it is first needed, not for every workload that needs it.
      const { code, message } = error;
      if (code.startsWith("oci/") && missing.has(message)) continue;
      missing.add(message);
      problems.error(error);
    }
    yield finished;
  }
}

async function finishTarget(
  target: Target,
  { rules, settings, images, configs, initdata, check }: PolicyIngredients,
  problems: Problems,
): Promise<FinishedTarget> {
  const { object, policyInput, workload } = target;
  const context = { problems, locate: (path: Path) => object.locate(path) };
  if (!target.needsPolicy) {
    return { target, value: object.value, policy: collectWorkload(object.value, workload, context), policyBytes: 0 };
  }
  const data = await derivePolicyData({ object: policyInput, settings, images, configs, problems });
  if (data === undefined) return { target, value: object.value, policy: undefined, policyBytes: 0 };
  await check?.(target, data, problems);
  const rendered = renderPolicy(rules, data);
  const { text } = rendered;
  const policyBytes = Math.floor((rendered.annotation.length * 3) / 4);
  const { carrier, annotation, hash, digests } = carryPolicy(rendered, initdata, object.value, workload);
  if (annotation.length > MAX_COMFORTABLE_ANNOTATION_BYTES) warnAboutSize(target, annotation.length, problems);
  if (text.length > MAX_LINE_CHARACTERS) warnAboutLines(target, text, problems);
  const value = withPolicyAnnotation(object.value, workload, carrier, annotation);
  const policy = describeWorkload(value, workload, hash, context);
  if (policy?.role === "coordinator" && digests !== undefined && digests.algorithm !== "sha256") {
    const message = `a Coordinator works with SHA-256 only, not with initdata of algorithm ${digests.algorithm}`;
    const hint = "Leave --initdata-algorithm out.";
    reportError(context, "generate/initdata-coordinator", [], message, hint);
  }
  return { target, value, policy, initdata: digests, policyBytes };
}

/**
 * Longest line that the engine of newer guests loads.
 *
 * @see kata-containers/kata-containers `src/agent/policy/src/policy.rs`
 */
const MAX_LINE_CHARACTERS = 64 * 1024;

function warnAboutLines(target: Target, text: string, problems: Problems): void {
  const longest = text.split("\n").reduce((length, line) => Math.max(length, line.length), 0);
  if (longest <= MAX_LINE_CHARACTERS) return;
  problems.warn({
    ...target.object.locate([]),
    code: "generate/policy-line-long",
    message: `the policy has a line of ${longest} characters; newer guests load no policy with lines above ${MAX_LINE_CHARACTERS}`,
    hint: "Shorten the longest environment value or argument, or mount it as a file.",
  });
}

function warnAboutSize(target: Target, sizeBytes: number, problems: Problems): void {
  problems.warn({
    ...target.object.locate([]),
    code: "generate/policy-large",
    message: `the policy annotation has ${sizeBytes} bytes; Kubernetes accepts 262144 bytes for all annotations of an object together`,
    hint: "Move large environment values out of the pod, or split the pod.",
  });
}
