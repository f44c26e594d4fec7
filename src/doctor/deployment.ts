import { deployedPolicy, type DeployedPolicy, targetObjects } from "../generate/read-deployment.ts";
import { isCoordinator } from "../generate/contrast-annotations.ts";
import { type PatchView, runtimeClassOf, viewForPatch } from "../generate/patch-view.ts";
import { isConfidentialClass, isContrastClass, workloadOf } from "../kubernetes/workload.ts";
import type { InputSet } from "../kubernetes/input-set.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { Path } from "../kubernetes/path.ts";
import { type Place, Problems } from "../lib/problems.ts";
import type { PolicyText } from "../policy/found-policy.ts";
import { workloadPolicies } from "../policy/find/workload-policies.ts";

/** A confidential workload of the YAML. */
export interface ExaminedWorkload {
  readonly object: KubernetesObject;
  readonly view: PatchView;
  readonly runtimeClass: string;
  readonly isCoordinator: boolean;
  /** Undefined where it carries none, or one that cannot be read. */
  readonly deployed: DeployedPolicy | undefined;
  /** The text of its policy. */
  readonly policy: PolicyText | undefined;
  /** What is wrong with its policy or its name. */
  readonly problems: Problems;
  /** The place of a path inside the object. */
  readonly locate: (path: Path) => Place;
}

/** The confidential workloads of an input, in order. */
export async function examineWorkloads(inputs: InputSet): Promise<readonly ExaminedWorkload[]> {
  const workloads = targetObjects(inputs).map(async (object) => {
    const workload = workloadOf(object);
    const view = workload && viewForPatch(object.value, workload);
    const runtimeClass = view && runtimeClassOf(view.podSpec);
    if (view === undefined || runtimeClass === undefined || !isConfidentialClass(runtimeClass)) return undefined;
    const problems = new Problems();
    // What is wrong with the annotation is told by the reader that `set` uses.
    const [policy] = await workloadPolicies([object], new Problems());
    return {
      object,
      view,
      runtimeClass,
      isCoordinator: isCoordinator(view),
      deployed: deployedPolicy(object, problems),
      policy,
      problems,
      locate: (path: Path) => object.locate(path),
    };
  });
  return (await Promise.all(workloads)).filter((workload) => workload !== undefined);
}

/** Whether pods of the workload run under a policy. */
export function needsPolicy({ runtimeClass }: ExaminedWorkload): boolean {
  return isContrastClass(runtimeClass);
}
