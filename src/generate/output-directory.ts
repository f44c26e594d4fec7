import { basename, join, relative, resolve } from "node:path";
import { discoverYamlFiles } from "../kubernetes/discover-yaml-files.ts";
import { type InputFile, STANDARD_INPUT } from "../kubernetes/input-set.ts";
import { ContrastError } from "../lib/errors.ts";
import { kindOfPath } from "../lib/files.ts";
import type { Problems } from "../lib/problems.ts";
import { quoteText } from "../lib/quote-text.ts";
import { isInside, realPathOf } from "../lib/real-path.ts";

/** Where each input file goes, by its path. */
export type OutputPaths = ReadonlyMap<string, string>;

/**
 * Plans the files of an output directory: each input file keeps its path below the argument under which it was found; a
 * file that is an argument itself keeps its name.
 *
 * @param paths the arguments
 * @param problems receives `generate/output-collision` and `generate/output-outside`, and the warning
 *   `generate/output-stale` for YAML that is there and that this run does not write
 * @throws ContrastError `generate/output-invalid`
 */
export async function planOutputDirectory(
  directory: string,
  paths: readonly string[],
  files: readonly InputFile[],
  problems: Problems,
): Promise<OutputPaths> {
  await checkDirectory(directory, paths);
  const planned = new Map<string, string>();
  const owners = new Map<string, string>();
  for (const { path } of files) {
    const output = join(directory, pathBelowArgument(path, paths));
    const owner = owners.get(output);
    if (owner === undefined) {
      owners.set(output, path);
      planned.set(path, output);
      continue;
    }
    const message = `${quoteText(output)} would be written for ${quoteText(owner)} and for ${quoteText(path)}`;
    const hint = "Rename one of the files, or give a directory above both of them.";
    problems.error({ code: "generate/output-collision", file: path, message, hint });
  }
  await refuseOutside(directory, paths, planned, problems);
  await tellStale(directory, owners, problems);
  return planned;
}

async function checkDirectory(directory: string, paths: readonly string[]): Promise<void> {
  if (paths.includes(STANDARD_INPUT)) {
    throw new ContrastError("generate/output-invalid", "Cannot write standard input to a directory: it has no name", {
      hint: "Name a file with --output.",
    });
  }
  const kind = await kindOfPath(directory);
  if (kind === "directory" || kind === "nothing") return;
  throw new ContrastError("generate/output-invalid", `Cannot write to "${directory}": not a directory`);
}

function pathBelowArgument(path: string, args: readonly string[]): string {
  const argument = args.find((each) => isInside(resolve(path), resolve(each)));
  return argument === undefined ? basename(path) : relative(resolve(argument), resolve(path)) || basename(path);
}

/** A symbolic link may lead an output elsewhere, and outputs among the inputs would be input of the next run. */
async function refuseOutside(
  directory: string,
  args: readonly string[],
  planned: OutputPaths,
  problems: Problems,
): Promise<void> {
  const root = await realPathOf(directory);
  const sources = await Promise.all([...args, ...planned.keys()].map(realPathOf));
  for (const [file, output] of planned) {
    const real = await realPathOf(output);
    const isOutside = !isInside(real, root);
    if (!isOutside && !sources.some((source) => isInside(real, source))) continue;
    const fact = isOutside ? "leads out of the directory" : "lies among the inputs, which stay as they are";
    const hint = isOutside ? "Remove the symbolic link in it." : "Name a directory that no input is read from.";
    problems.error({ code: "generate/output-outside", file, message: `${quoteText(output)} ${fact}`, hint });
  }
}

async function tellStale(directory: string, owners: ReadonlyMap<string, string>, problems: Problems): Promise<void> {
  if ((await kindOfPath(directory)) !== "directory") return;
  const found = await discoverYamlFiles([directory], () => {}).catch(() => []);
  for (const path of found) {
    if (owners.has(join(path))) continue;
    const message = "the file is in the output directory, but no input belongs to it; it stays";
    const hint = "Remove it if it is from an earlier run; kubectl would apply it.";
    problems.warn({ code: "generate/output-stale", file: path, message, hint });
  }
}
