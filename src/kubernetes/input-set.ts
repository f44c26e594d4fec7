import { ContrastError, messageOf } from "../lib/errors.ts";
import { readBytes } from "../lib/files.ts";
import type { Logger } from "../lib/log.ts";
import { type Problem, type Problems, ProblemsError } from "../lib/problems.ts";
import { ConfigLookup } from "./config-lookup.ts";
import { discoverYamlFiles } from "./discover-yaml-files.ts";
import { checkIdentity, type KubernetesObject, objectsOf } from "./object.ts";
import { isConfidentialClass, runtimeClassName, workloadOf } from "./workload.ts";
import { YamlStream } from "./yaml-stream.ts";
import { decodeYaml } from "./yaml-text.ts";

/** One YAML file of the input. */
export interface InputFile {
  /** As given or found; `-` for standard input. */
  readonly path: string;
  readonly stream: YamlStream;
  readonly objects: readonly KubernetesObject[];
  /** Whether a pod spec in it has a confidential runtime class, so that `generate` works on the file. */
  readonly isTarget: boolean;
}

/** Everything that was read before anything is changed. */
export interface InputSet {
  readonly files: readonly InputFile[];
  /** The objects of all files in order. */
  readonly objects: readonly KubernetesObject[];
  readonly lookup: ConfigLookup;
}

/** The path that stands for standard input. */
export const STANDARD_INPUT = "-";

/** Largest file or stream of YAML: a large deployment. */
export const MAX_YAML_BYTES = 256 * 1024 * 1024;

/** What makes a faulty file matter: confidential pods, or values that such pods may use. */
const CONCERNS_CONFIDENTIAL_PODS = /contrast-cc|kata-cc-isolation|ConfigMap|Secret/;

/**
 * Finds, reads and parses all YAML files under the paths, one after the other.
 *
 * What is wrong with a file is an error, or only a warning when nothing in the file concerns confidential pods. Files
 * without confidential pods are logged as ignored; their ConfigMaps and Secrets still count.
 *
 * @throws ContrastError `kubernetes/path-missing`, `kubernetes/no-yaml-files`, `kubernetes/no-targets`
 */
export async function readInputs(paths: readonly string[], log: Logger, problems: Problems): Promise<InputSet> {
  const found = await discoverYamlFiles(paths, (problem) => problems.error(problem));
  const files: InputFile[] = [];
  for (const path of found) {
    const file = await readInput(path, problems);
    if (file !== undefined) files.push(file);
  }
  for (const { path, isTarget } of files) if (!isTarget) log.info("Ignoring non-CoCo runtime", { path });
  return createInputSet(files, problems);
}

/**
 * Joins parsed files to the set that `generate` works on.
 *
 * @throws ContrastError `kubernetes/no-targets` when nothing is confidential and no file was faulty
 */
export function createInputSet(files: readonly InputFile[], problems: Problems): InputSet {
  if (!files.some(({ isTarget }) => isTarget) && problems.errors.length === 0) {
    throw noTargets(problems);
  }
  const objects = files.flatMap((file) => file.objects);
  return { files, objects, lookup: new ConfigLookup(objects, (problem) => problems.warn(problem)) };
}

/**
 * Parses the bytes of one file.
 *
 * @param path named in problems; `-` for standard input
 * @param matters what a text holds whose faults are errors; in other texts they are warnings
 * @returns undefined when the bytes are not text
 */
export function parseInput(
  bytes: Uint8Array,
  path: string,
  problems: Problems,
  matters: RegExp = CONCERNS_CONFIDENTIAL_PODS,
): InputFile | undefined {
  const found: Problem[] = [];
  const collect = (problem: Problem): void => {
    found.push(problem);
  };
  const name = path === STANDARD_INPUT ? "standard input" : path;
  const text = decodeYaml(bytes, name, collect);
  if (text === undefined) {
    tell(found, matters.test(new TextDecoder("latin1").decode(bytes)), problems);
    return undefined;
  }
  const stream = new YamlStream(text, name, collect);
  const objects = objectsOf(stream, collect);
  // The metadata of workloads is checked with their pods.
  for (const object of objects) if (workloadOf(object) === undefined) checkIdentity(object, collect);
  tell(found, found.length > 0 && matters.test(text), problems);
  return { path, stream, objects, isTarget: objects.some((object) => isConfidentialClass(runtimeClassName(object))) };
}

/** Warnings about files that could not be read go along, because the targets may be in one of them. */
function noTargets({ warnings }: Problems): ContrastError {
  const message = "no .yml/.yaml files with 'contrast-cc' runtime found";
  const hint = "Set runtimeClassName: contrast-cc in the pod specs that are to be confidential.";
  const code = "kubernetes/no-targets";
  if (warnings.length === 0) return new ContrastError(code, `Cannot find targets: ${message}`, { hint });
  return new ProblemsError("Cannot find targets", [{ code, message, hint }], warnings);
}

function tell(found: readonly Problem[], areErrors: boolean, problems: Problems): void {
  if (areErrors) for (const problem of found) problems.error(problem);
  // Values of charts, kustomizations and the like lie in the same directories; they are told as ignored.
  else if (found.every(({ code }) => code === "kubernetes/object-invalid")) return;
  else {
    const [first] = found;
    if (first !== undefined) problems.warn({ ...first, message: `the file is ignored: ${first.message}` });
  }
}

/**
 * Reads and parses one file.
 *
 * @returns undefined when it cannot be read, which is reported (`kubernetes/file-unreadable`, `lib/file-too-large`)
 */
export async function readInput(path: string, problems: Problems): Promise<InputFile | undefined> {
  try {
    return parseInput(await readBytes(path, "YAML file", MAX_YAML_BYTES), path, problems);
  } catch (error) {
    problems.error({
      code:
        error instanceof ContrastError && error.code === "lib/file-too-large"
          ? error.code
          : "kubernetes/file-unreadable",
      message: messageOf(error),
      file: path,
    });
    return undefined;
  }
}
