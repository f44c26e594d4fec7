import { join } from "node:path";
import { exists } from "../lib/files.ts";
import type { Logger } from "../lib/log.ts";
import type { PlannedFile } from "../lib/file-writer.ts";
import { Transaction } from "../lib/transaction.ts";
import type { CheckedHistory } from "./history.ts";
import { LATEST_TRANSITION_FILE } from "./latest-transition-file.ts";
import { MESH_CA_FILE, ROOT_CA_FILE } from "./set-files.ts";

/** Name of the file of a manifest of the history; 0 is the oldest. */
function manifestFileName(index: number): string {
  return `manifest.${index}.json`;
}

/**
 * Writes a history to a directory, which is made if it is missing, and further files: all or none. Other files stay.
 *
 * @param more written with the history
 * @returns the paths of the files of the history
 * @throws ContrastError `lib/file-unwritable`; the files are then as they were
 */
export async function writeHistory(
  directory: string,
  { manifests, policies, rootCaPem, meshCaPem, latestTransition }: CheckedHistory,
  log: Logger,
  more: readonly PlannedFile[] = [],
): Promise<readonly string[]> {
  const transaction = new Transaction();
  try {
    await transaction.makeDirectory(directory);
    const stage = async (name: string, content: string | Uint8Array): Promise<void> =>
      await transaction.stage({ path: join(directory, name), content });
    await stage(ROOT_CA_FILE, rootCaPem);
    await stage(MESH_CA_FILE, meshCaPem);
    for (const [index, { bytes }] of manifests.entries()) await stage(manifestFileName(index), bytes);
    for (const { sha256, bytes } of policies) await stage(`policy.${sha256}.rego`, bytes);
    if (latestTransition !== undefined) await stage(LATEST_TRANSITION_FILE, latestTransition.toHex());
    const { paths } = transaction;
    for (const file of more) await transaction.stage(file);
    await transaction.commit();
    const next = join(directory, manifestFileName(manifests.length));
    if (await exists(next)) {
      log.warn("files of a longer history, perhaps of another deployment, are still there", { path: next });
    }
    return paths;
  } finally {
    await transaction.discard();
  }
}
