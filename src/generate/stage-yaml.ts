import { dirname } from "node:path";
import type { MovedPlaces } from "../kubernetes/edit/moved-places.ts";
import { StreamEdit } from "../kubernetes/edit/stream-edit.ts";
import { type InputSet, STANDARD_INPUT } from "../kubernetes/input-set.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { ValueMap } from "../kubernetes/value.ts";
import { ContrastError } from "../lib/errors.ts";
import type { FileWriter } from "../lib/file-writer.ts";
import type { WorkloadPolicy } from "../manifest/policies.ts";
import { combinedYaml } from "./combined-yaml.ts";
import type { GeneratedWorkload } from "./generate-result.ts";
import type { OutputPaths } from "./output-directory.ts";
import type { FinishedTarget } from "./target-policies.ts";
import type { WrittenPlaces } from "./written-places.ts";

/** What is known when all YAML has been written under temporary names. */
export interface StagedYaml {
  readonly policies: readonly WorkloadPolicy[];
  readonly workloads: readonly GeneratedWorkload[];
  /** All policies that were made. */
  readonly policyBytes: number;
  /** The result for standard output, where it goes there. */
  readonly standardOutput: readonly string[] | undefined;
  /** For input files that are replaced. */
  readonly places: WrittenPlaces;
}

/** Where patched YAML goes; into the files that it came from when all members are absent. */
export interface YamlDestination {
  /** One file for all of it. */
  readonly outputPath: string | undefined;
  /** A file of its own for each file of the input. */
  readonly outputPaths: OutputPaths | undefined;
}

/**
 * Writes the patched YAML: each target file, or copies of all files, or one combined file, or pieces for standard
 * output. Files are written while policies are made; those whose text does not change are left out.
 *
 * @param finished all targets in the order of the input
 */
export async function stageYaml(
  inputs: InputSet,
  finished: AsyncGenerator<FinishedTarget>,
  { outputPath, outputPaths }: YamlDestination,
  writer: FileWriter,
): Promise<StagedYaml> {
  const policies: WorkloadPolicy[] = [];
  const workloads: GeneratedWorkload[] = [];
  let policyBytes = 0;
  let next = await finished.next();
  const desired = async (object: KubernetesObject): Promise<ValueMap> => {
    if (next.done === true || next.value.target.object.source !== object) return object.value;
    const { value, policy, initdata } = next.value;
    policyBytes += next.value.policyBytes;
    if (policy !== undefined) {
      policies.push(policy);
      workloads.push(generatedWorkload(object, policy, initdata));
    }
    next = await finished.next();
    return value;
  };
  const edits = inputs.files
    .filter(({ isTarget }) => isTarget)
    .map((file) => ({ file, edit: new StreamEdit(file.stream, file.objects, desired) }));

  const places = new Map<string, MovedPlaces>();
  let standardOutput: readonly string[] | undefined;
  if (outputPath !== undefined) {
    await writer.stage({ path: outputPath, content: combinedYaml(edits.map(({ edit }) => edit.chunks())) });
  } else if (edits.some(({ file }) => file.path === STANDARD_INPUT)) {
    standardOutput = await Array.fromAsync(combinedYaml(edits.map(({ edit }) => edit.chunks())));
  } else if (outputPaths !== undefined) {
    const chunks = new Map(edits.map(({ file, edit }) => [file.path, edit.chunks()]));
    for (const { path: input, stream } of inputs.files) {
      const path = outputPaths.get(input);
      if (path === undefined) throw new ContrastError("lib/internal", `Cannot write "${input}": it has no place`);
      await writer.makeDirectory(dirname(path));
      await writer.stage({ path, content: chunks.get(input) ?? stream.text, ifChanged: true });
    }
  } else {
    for (const { file, edit } of edits) {
      await writer.stage({ path: file.path, content: edit.chunks() });
      if (edit.changed) places.set(file.stream.file, edit.moved);
      else await writer.unstage();
    }
  }
  if (next.done !== true) throw new ContrastError("lib/internal", "Cannot write targets: some belong to no file");
  return { policies, workloads, policyBytes, standardOutput, places };
}

function generatedWorkload(
  object: KubernetesObject,
  policy: WorkloadPolicy,
  initdata: FinishedTarget["initdata"],
): GeneratedWorkload {
  const { kind, name, namespace, hash } = policy;
  const generated = { file: object.document.file, kind, name, namespace, policyHash: hash };
  return initdata === undefined ? generated : { ...generated, initdata };
}
