import { readTargets } from "../../generate/read-targets.ts";
import { patchObject } from "../../generate/patch/patch-object.ts";
import { mapsIn, textAt } from "../../generate/patch-view.ts";
import type { InputSet } from "../../kubernetes/input-set.ts";
import { valueAt } from "../../kubernetes/value.ts";
import { counted } from "../../lib/counted.ts";
import { Problems } from "../../lib/problems.ts";
import { type ExaminedWorkload, examineWorkloads, needsPolicy } from "../deployment.ts";
import type { DoctorOptions, DoctorServices } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";

/** What all checks of the YAML look at. */
export interface ReadYaml {
  readonly inputs: InputSet;
  readonly workloads: readonly ExaminedWorkload[];
}

const GENERATE_HINT =
  'Run "contrast generate" on the YAML, then "contrast set" and "kubectl apply" with what it wrote.';

/**
 * Reads the YAML and looks at what `generate` must have put into it.
 *
 * @returns undefined where nothing could be read
 */
export async function checkDeployment(
  { paths }: DoctorOptions,
  { log, readInput }: DoctorServices,
  examination: Examination,
): Promise<ReadYaml | undefined> {
  const check = "deployment.readable";
  const inputs = await examination.attempt(check, (problems) => readTargets(paths, readInput, log, problems), {
    hint: "Correct the path or the file; name the paths that generate had.",
  });
  if (inputs === undefined) return undefined;
  const workloads = await examineWorkloads(inputs);
  examination.conclude(
    check,
    `${counted(inputs.files.length, "file")}, ${counted(workloads.length, "confidential workload")}`,
  );
  checkPolicies(workloads, examination);
  checkInjected(workloads, examination);
  return { inputs, workloads };
}

function checkPolicies(workloads: readonly ExaminedWorkload[], examination: Examination): void {
  const check = "deployment.policies";
  for (const workload of workloads) {
    const { object, view, problems, deployed } = workload;
    examination.take(check, problems, GENERATE_HINT);
    if (deployed !== undefined || problems.errors.length > 0) continue;
    examination.error(check, {
      ...object.locate(view.workload.podSpecPath),
      code: "policy/workload-without-policy",
      message: "is to be confidential, but carries no policy: it was never generated, or was added since",
      hint: GENERATE_HINT,
    });
  }
  examination.conclude(check, `${counted(workloads.length, "workload")} looked at`);
}

/** What `generate` would inject now must be there already; nothing of it says how it must look. */
function checkInjected(workloads: readonly ExaminedWorkload[], examination: Examination): void {
  const check = "deployment.injected";
  for (const workload of workloads.filter(needsPolicy)) {
    const { object, view, runtimeClass, locate } = workload;
    const options = { handler: runtimeClass, images: new Map(), skipInitializer: false, skipServiceMesh: false };
    const problems = new Problems();
    const patched = patchObject(object.value, view.workload, options, { problems, locate });
    examination.take(check, problems, GENERATE_HINT);
    const path = [...view.workload.podSpecPath, "initContainers"];
    const present = new Set(mapsIn(valueAt(object.value, path)).map((container) => textAt(container, "name")));
    const wanted = mapsIn(valueAt(patched, path)).map((container) => textAt(container, "name"));
    for (const name of wanted.filter((candidate) => !present.has(candidate))) {
      examination.warn(check, {
        ...object.locate(view.workload.podSpecPath),
        message: `the init container ${name} is missing`,
        hint: "Run generate without the flag that leaves it out, or say in an annotation of the workload that it is not wanted (contrast.edgeless.systems/skip-initializer).",
      });
    }
  }
  examination.conclude(check, "everything that belongs into the pods is in them");
}
