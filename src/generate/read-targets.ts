import type { Logger } from "../lib/log.ts";
import type { Problems } from "../lib/problems.ts";
import { ContrastError } from "../lib/errors.ts";
import {
  createInputSet,
  type InputSet,
  MAX_YAML_BYTES,
  parseInput,
  readInputs,
  STANDARD_INPUT,
} from "../kubernetes/input-set.ts";

/**
 * Reads everything that the user named: files and directories, or standard input.
 *
 * @throws ContrastError `generate/standard-input-alone`, and the codes of `readInputs`
 */
export async function readTargets(
  paths: readonly string[],
  readInput: (maxBytes: number) => Promise<Uint8Array>,
  log: Logger,
  problems: Problems,
): Promise<InputSet> {
  if (paths.includes(STANDARD_INPUT) && paths.length > 1) {
    throw new ContrastError(
      "generate/standard-input-alone",
      `Cannot read "-" together with other paths: got ${paths.length} paths`,
      {
        hint: "Join the files in front of the pipe, or leave the - out.",
      },
    );
  }
  if (paths[0] !== STANDARD_INPUT) {
    return await readInputs(paths, log, problems);
  }
  const file = parseInput(await readInput(MAX_YAML_BYTES), STANDARD_INPUT, problems);
  return createInputSet(file === undefined ? [] : [file], problems);
}
