import { Transaction } from "../lib/transaction.ts";
import { loadOwnerKeys } from "../manifest/owner-keys.ts";
import type { GenerateOptions, GenerateServices } from "./generate-options.ts";
import type { GenerateResult } from "./generate-result.ts";
import { stageRun } from "./stage-run.ts";
import { namedFileDigests, recordRun, runRecords, unchangedRun } from "./unchanged-run.ts";
import { writtenWarnings } from "./written-places.ts";

/**
 * Makes a deployment confidential: patches its YAML, gives every workload a policy and writes the manifest.
 *
 * Everything is computed, checked and written under temporary names first; files appear all together, so that a run
 * that fails leaves every file as it was. A second run on its own result changes no byte.
 *
 * Warnings name lines of the files as they lie after the run.
 *
 * @throws ContrastError and ProblemsError of every step
 * @see edgelesssys/contrast `cli/cmd/generate.go`
 */
export async function generate(options: GenerateOptions, services: GenerateServices): Promise<GenerateResult> {
  const records = await runRecords(options, services);
  const unchanged = await unchangedRun(options, services, records);
  if (unchanged !== undefined) return unchanged;
  const named = await namedFileDigests(options);
  const transaction = new Transaction();
  try {
    const staged = await stageRun(options, services, transaction, loadOwnerKeys);
    await transaction.commit();
    const { inputs, images, places } = staged;
    const { warnings, isOutdated } = writtenWarnings(staged.result.warnings, places);
    const result = { ...staged.result, warnings };
    const written = transaction.digests;
    if (!isOutdated) await recordRun(records, options, { named, inputs, written, images }, result, services);
    return result;
  } finally {
    await transaction.discard();
  }
}
