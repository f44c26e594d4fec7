import { collectProblem } from "../lib/collect-problem.ts";
import type { Problems } from "../lib/problems.ts";
import type { InputSet } from "../kubernetes/input-set.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import { workloadOf } from "../kubernetes/workload.ts";
import type { WorkloadPolicy } from "../manifest/policies.ts";
import type { Io } from "../terminal/io.ts";
import { describeWorkload } from "./collect-workload.ts";
import { viewForPatch } from "./patch-view.ts";
import { carriedPolicyOf } from "./policy-annotation.ts";
import { readTargets } from "./read-targets.ts";

/** A workload of the input with its policy. */
export interface DeployedPolicy {
  readonly workload: WorkloadPolicy;
  /** What the guest measures, byte for byte: the policy text, or the initdata document that holds it. */
  readonly policy: Uint8Array;
}

/**
 * Reads the YAML that `generate` wrote and collects the policies of its workloads, in the order of the input.
 *
 * @param problems receives what is wrong with the YAML
 * @returns undefined where nothing could be read
 * @see edgelesssys/contrast `cli/cmd/policies.go`
 */
export async function readDeployment(
  paths: readonly string[],
  io: Pick<Io, "readInput" | "log">,
  problems: Problems,
): Promise<readonly DeployedPolicy[] | undefined> {
  const inputs = await collectProblem(problems, () => readTargets(paths, io.readInput, io.log, problems));
  return inputs && targetObjects(inputs).flatMap((object) => deployedPolicy(object, problems) ?? []);
}

/** The objects of the files that `generate` works on. */
export function targetObjects({ files }: InputSet): readonly KubernetesObject[] {
  return files.filter(({ isTarget }) => isTarget).flatMap(({ objects }) => objects);
}

/**
 * The policy of one object, as `readDeployment()` collects it.
 *
 * @param problems receives `generate/policy-annotation-invalid` and `generate/name-missing`
 * @returns undefined for objects without pods or without a policy, and after an error
 */
export function deployedPolicy(object: KubernetesObject, problems: Problems): DeployedPolicy | undefined {
  const workload = workloadOf(object);
  const view = workload && viewForPatch(object.value, workload);
  if (workload === undefined || view === undefined) return undefined;
  const context = { problems, locate: (path: Path) => object.locate(path) };
  const policy = carriedPolicyOf(view, context);
  const described = policy && describeWorkload(object.value, workload, policy.hash, context);
  return policy && described && { workload: described, policy: policy.bytes };
}
