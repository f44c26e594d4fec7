import type { ConfigLookup } from "../../kubernetes/config-lookup.ts";
import type { KubernetesObject } from "../../kubernetes/object.ts";
import { viewWorkload } from "../../kubernetes/pod/workload-view.ts";
import type { Problem, Problems } from "../../lib/problems.ts";
import type { ImageProvider } from "../../oci/image.ts";
import type { PolicyEngine } from "../../rego/policy-engine.ts";
import type { PolicyData } from "../policy-data.ts";
import { renderPolicyData } from "../render-policy.ts";
import type { Settings } from "../settings.ts";
import { containerImages, podSteps } from "./pod-steps.ts";
import { SelfCheckMemory } from "./self-check-memory.ts";
import type { SelfCheckStep } from "./self-check-step.ts";
import { workloadShape } from "./workload-shape.ts";

/** A policy to try, and where wrong answers go. */
export interface SelfCheckInput {
  /** The object as it will be deployed, after all patches. */
  readonly object: KubernetesObject;
  /** What was derived from it. */
  readonly data: PolicyData;
  readonly settings: Settings;
  readonly images: ImageProvider;
  readonly configs: ConfigLookup;
  /** Shared by all checks of a run, which then remember answers. */
  readonly engine: PolicyEngine;
  /** Receives wrong answers (`policy/self-check-denied`, `policy/self-check-allowed`). */
  readonly problems: Problems;
}

/** How many requests were tried and answered as they must be; those whose answer was known are not counted. */
export interface SelfCheckSummary {
  readonly allowed: number;
  readonly denied: number;
}

/**
 * Tries a policy: everything that kubelet, containerd and the Kata runtime will ask for the workload must be allowed, and
 * the same with one thing changed must be denied.
 */
export async function selfCheck(input: SelfCheckInput): Promise<SelfCheckSummary> {
  const { object, data, engine, problems } = input;
  const counts = { allowed: 0, denied: 0 };
  const view = viewWorkload(object, (problem) => problems.error(problem));
  if (view === undefined) return counts;
  const memory = SelfCheckMemory.of(engine, data);
  const text = renderPolicyData(data);
  const containers = await containerImages({ ...input, view });
  const shape = workloadShape({ object, view, configs: input.configs, containers }, text);
  if (memory.knows(shape)) return counts;

  const steps = podSteps({ ...input, view }, containers);
  const session = engine.open(text);
  const missing = new Set<string>();
  const answered = new Set<string>();
  let wrong = 0;
  for (const step of steps) {
    // Nothing can be tried in a container that could not be created.
    if (missing.has(step.container)) continue;
    const question =
      step.decidedBy === undefined
        ? undefined
        : JSON.stringify([step.kind, step.check, step.decidedBy, step.difference]);
    if (question !== undefined && (answered.has(question) || memory.knows(question))) continue;
    const request = step.request();
    const { allowed } = step.allowed ? session.decide(step.kind, request) : session.evaluate(step.kind, request);
    if (allowed === step.allowed) {
      counts[allowed ? "allowed" : "denied"]++;
      if (question !== undefined) answered.add(question);
      continue;
    }
    wrong++;
    if (step.kind === "CreateContainerRequest" && step.allowed) missing.add(step.container);
    problems.error({ ...object.locate(view.workload.podSpecPath), ...wrongAnswer(step) });
  }
  // A refusal says something about others only if the genuine request is allowed.
  if (wrong === 0) for (const question of [shape, ...answered]) memory.learn(question);
  return counts;
}

const SETTINGS_OR_DEFECT =
  "Look for changes in the settings file that explain it; without such changes, report a defect of contrast.";

function wrongAnswer({ container, kind, check, allowed }: SelfCheckStep): Pick<Problem, "code" | "message" | "hint"> {
  const where = container === "pod" ? "the pod" : `container "${container}"`;
  return allowed
    ? {
        code: "policy/self-check-denied",
        message: `the policy of ${where} refuses the ${kind} that the runtime will send (${check})`,
        hint: SETTINGS_OR_DEFECT,
      }
    : {
        code: "policy/self-check-allowed",
        message: `the policy of ${where} allows a forged ${kind} (${check})`,
        hint: SETTINGS_OR_DEFECT,
      };
}
