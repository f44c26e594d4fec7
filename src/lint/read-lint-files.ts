import { discoverYamlFiles } from "../kubernetes/discover-yaml-files.ts";
import { type InputFile, MAX_YAML_BYTES, parseInput, readInput, STANDARD_INPUT } from "../kubernetes/input-set.ts";
import { ContrastError } from "../lib/errors.ts";
import type { Problems } from "../lib/problems.ts";
import { lintModule } from "./lint-module.ts";

/**
 * Reads everything that the user named; files without confidential pods count too.
 *
 * @param problems receives what is wrong with files; a text that concerns no confidential pods only gives a warning
 * @throws ContrastError `lint/standard-input-alone`, `kubernetes/path-missing`, `kubernetes/no-yaml-files`
 */
export async function readLintFiles(
  paths: readonly string[],
  readStandardInput: (maxBytes: number) => Promise<Uint8Array>,
  problems: Problems,
): Promise<readonly InputFile[]> {
  // The rules are compiled while files are read; a failure is told where they are needed.
  lintModule().catch(() => {});
  if (paths.includes(STANDARD_INPUT)) {
    if (paths.length > 1) throw standardInputAlone("other paths");
    const file = parseInput(await readStandardInput(MAX_YAML_BYTES), STANDARD_INPUT, problems);
    return file === undefined ? [] : [file];
  }
  const files: InputFile[] = [];
  for (const path of await discoverYamlFiles(paths, (problem) => problems.error(problem))) {
    const file = await readInput(path, problems);
    if (file !== undefined) files.push(file);
  }
  return files;
}

/** @param other what standard input was named with */
export function standardInputAlone(other: string): ContrastError {
  return new ContrastError("lint/standard-input-alone", `Cannot read "-" together with ${other}`, {
    hint: "Name files, or leave the other words out.",
  });
}
