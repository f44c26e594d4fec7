import { StreamEdit } from "../kubernetes/edit/stream-edit.ts";
import type { InputFile, InputSet } from "../kubernetes/input-set.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { ContrastError } from "../lib/errors.ts";
import type { Transaction } from "../lib/transaction.ts";
import type { WorkloadPolicy } from "../manifest/policies.ts";
import { combinedYaml } from "./combined-yaml.ts";
import type { GeneratedWorkload } from "./generate-result.ts";
import { STANDARD_INPUT } from "./read-targets.ts";
import type { FinishedTarget } from "./target-policies.ts";

/** What is known when all YAML has been written under temporary names. */
export interface StagedYaml {
  readonly policies: readonly WorkloadPolicy[];
  readonly workloads: readonly GeneratedWorkload[];
  /** The result for standard output, where it goes there. */
  readonly standardOutput: readonly string[] | undefined;
}

/**
 * Writes the patched YAML: each target file, or one combined file, or pieces for standard output. Files are written
 * while policies are made; those whose text does not change are left out.
 *
 * @param finished all targets in the order of the input
 */
export async function stageYaml(
  inputs: InputSet,
  finished: AsyncGenerator<FinishedTarget>,
  outputPath: string | undefined,
  transaction: Transaction,
): Promise<StagedYaml> {
  const policies: WorkloadPolicy[] = [];
  const workloads: GeneratedWorkload[] = [];
  let next = await finished.next();
  const desired = async (object: KubernetesObject): Promise<ValueMap> => {
    if (next.done === true || next.value.target.object.source !== object) return object.value;
    const { value, policy } = next.value;
    if (policy !== undefined) {
      policies.push(policy);
      workloads.push(generatedWorkload(object, policy));
    }
    next = await finished.next();
    return value;
  };
  const edits = inputs.files
    .filter(({ isTarget }) => isTarget)
    .map((file) => ({ file, edit: new StreamEdit(file.stream, file.objects, desired) }));

  let standardOutput: readonly string[] | undefined;
  if (outputPath !== undefined) {
    await transaction.stage({ path: outputPath, content: combinedYaml(edits.map(({ edit }) => edit.chunks())) });
  } else if (edits.some(({ file }) => file.path === STANDARD_INPUT)) {
    standardOutput = await Array.fromAsync(combinedYaml(edits.map(({ edit }) => edit.chunks())));
  } else {
    for (const { file, edit } of edits) await stageFile(file, edit, transaction);
  }
  if (next.done !== true) throw new ContrastError("lib/internal", "Cannot write targets: some belong to no file");
  return { policies, workloads, standardOutput };
}

async function stageFile(file: InputFile, edit: StreamEdit, transaction: Transaction): Promise<void> {
  await transaction.stage({ path: file.path, content: edit.chunks() });
  if (!edit.changed) await transaction.unstage();
}

function generatedWorkload(object: KubernetesObject, policy: WorkloadPolicy): GeneratedWorkload {
  const { kind, name, namespace, hash } = policy;
  return { file: object.document.file, kind, name, namespace, policyHash: hash };
}
