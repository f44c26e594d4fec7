import { DryRun, type FileChange } from "../lib/dry-run.ts";
import { exists } from "../lib/files.ts";
import { loadOwnerKeys, type OwnerKeyPaths, type OwnerKeys } from "../manifest/owner-keys.ts";
import type { GenerateOptions, GenerateServices } from "./generate-options.ts";
import type { GenerateResult } from "./generate-result.ts";
import { stageRun } from "./stage-run.ts";
import { runRecords, unchangedRun } from "./unchanged-run.ts";

/** What `generate` would do. */
export interface CheckedRun<Description> {
  /** Its result; nothing of it is written. */
  readonly result: GenerateResult;
  /** Of each file whose content would be another one, in order. */
  readonly changes: readonly Description[];
}

/**
 * Runs `generate` up to the point where it would write, and tells what it would change. YAML of standard input is not
 * compared with anything, since no file holds it; what it leads to in the manifest is.
 *
 * @param describe takes what is to be known of a changed file, whose texts are not kept; secret files have no text
 * @throws ContrastError and ProblemsError of every step, as `generate`
 */
export async function checkGenerated<Description>(
  options: GenerateOptions,
  services: GenerateServices,
  describe: (change: FileChange) => Promise<Description>,
): Promise<CheckedRun<Description>> {
  const unchanged = await unchangedRun(options, services, await runRecords(options, services));
  if (unchanged !== undefined) return { result: unchanged, changes: [] };
  const dryRun = new DryRun(describe);
  const { result } = await stageRun(options, services, dryRun, presentOwnerKeys);
  const changes = dryRun.changes;
  return { result: { ...result, written: [], standardOutput: undefined }, changes };
}

/** Keys that are missing show as new files; to make them would take seconds and tell nothing more. */
async function presentOwnerKeys(paths: OwnerKeyPaths): Promise<OwnerKeys> {
  const missing: string[] = [];
  const present = async (list: readonly string[]): Promise<readonly string[]> => {
    const [only, second] = list;
    if (only === undefined || second !== undefined || (await exists(only))) return list;
    missing.push(only);
    return [];
  };
  const workload = paths.disableUpdates ? paths.workload : await present(paths.workload);
  const keys = await loadOwnerKeys({ ...paths, workload, seedshare: await present(paths.seedshare) });
  return { ...keys, newFiles: missing.map((path) => ({ path, pem: "" })) };
}
