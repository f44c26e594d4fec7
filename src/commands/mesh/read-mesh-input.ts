import type { InputFile } from "../../kubernetes/input-set.ts";
import { ContrastError } from "../../lib/errors.ts";
import { SEVERITIES, type Severity } from "../../lib/finding.ts";
import { Problems, renderProblem } from "../../lib/problems.ts";
import { visibleLine } from "../../lib/visible-text.ts";
import { readLintFiles } from "../../lint/read-lint-files.ts";
import type { CommandCall } from "../../terminal/command-definition.ts";
import type { Io } from "../../terminal/io.ts";
import { readTopology, type Topology } from "../../topology/topology.ts";
import { choiceFlag } from "../choice-flag.ts";

/** What the commands about the mesh look at. */
export interface MeshInput {
  readonly files: readonly InputFile[];
  readonly topology: Topology;
  readonly problems: Problems;
}

/**
 * Reads what the user named, or else the workspace, and tells on standard error what cannot be read.
 *
 * @throws ContrastError of `readLintFiles()` and `readTopology()`
 */
export async function readMeshInput({ flags, positionals }: CommandCall, io: Io): Promise<MeshInput> {
  const paths = positionals.length === 0 ? [flags.string("workspace-dir") || "."] : positionals;
  const problems = new Problems();
  const files = await readLintFiles(paths, io.readInput, problems);
  io.signal.throwIfAborted();
  for (const problem of problems.errors) io.err(visibleLine(`error: ${renderProblem(problem)}`));
  for (const problem of problems.warnings) io.err(visibleLine(`warning: ${renderProblem(problem)}`));
  const objects = files.flatMap((file) => file.objects);
  const topology = readTopology(objects, {
    skipServiceMesh: flags.boolean("skip-service-mesh"),
    clusterDomain: flags.string("cluster-domain").replaceAll(/^\.+|\.+$/g, ""),
  });
  return { files, topology, problems };
}

/** Levels that make the command fail. */
export function failingLevels({ flags }: CommandCall): readonly Severity[] {
  const failOn = choiceFlag(flags, "fail-on", [...SEVERITIES, "never"]);
  return SEVERITIES.slice(0, SEVERITIES.findIndex((severity) => severity === failOn) + 1);
}

/**
 * Ends a command whose result is printed, where the input or what was found says so.
 *
 * @param failing levels for which `count` findings were counted
 * @throws ContrastError `topology/input-faulty`, `topology/findings`
 */
export function endMeshCommand({ problems }: MeshInput, failing: readonly Severity[], count: number): void {
  if (problems.errors.length > 0) {
    throw new ContrastError("topology/input-faulty", "Cannot show all of the mesh: some of the input cannot be read", {
      details: { faults: problems.errors.length },
    });
  }
  if (count > 0) {
    const what = `${count} ${count === 1 ? "finding" : "findings"} of severity ${failing.join(" or ")}`;
    throw new ContrastError("topology/findings", `Mesh is not as it should be: ${what}`, { details: { count } });
  }
}
