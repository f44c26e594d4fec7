import { ContrastError } from "../lib/errors.ts";
import { Transaction } from "../lib/transaction.ts";
import { loadOwnerKeys } from "../manifest/owner-keys.ts";
import type { Platform } from "../manifest/platforms.ts";
import type { GenerateOptions, GenerateServices } from "./generate-options.ts";
import type { GenerateResult } from "./generate-result.ts";
import { stageRun } from "./stage-run.ts";
import { namedFileDigests, recordRun, runRecords, unchangedRun } from "./unchanged-run.ts";

/**
 * Makes a deployment confidential: patches its YAML, gives every workload a policy and writes the manifest.
 *
 * Everything is computed, checked and written under temporary names first; files appear all together, so that a run
 * that fails leaves every file as it was. A second run on its own result changes no byte.
 *
 * @throws ContrastError and ProblemsError of every step
 * @see edgelesssys/contrast `cli/cmd/generate.go`
 */
export async function generate(options: GenerateOptions, services: GenerateServices): Promise<GenerateResult> {
  refuseLayerHashes(options.platform);
  const records = runRecords(options, services);
  const unchanged = await unchangedRun(options, services, records);
  if (unchanged !== undefined) return unchanged;
  const named = await namedFileDigests(options);
  const transaction = new Transaction();
  try {
    const { result, inputs, images } = await stageRun(options, services, transaction, loadOwnerKeys);
    await transaction.commit();
    await recordRun(records, options, { named, inputs, written: transaction.digests, images }, result, services);
    return result;
  } finally {
    await transaction.discard();
  }
}

/** On AKS a policy holds the root hash of every image layer; without them it would protect nothing. */
export function refuseLayerHashes(platform: Platform): void {
  if (platform.profile !== "aks") return;
  throw new ContrastError(
    "generate/layer-hashes-missing",
    `Cannot generate policies for ${platform.display}: this version cannot compute the layer hashes that its policies need`,
    { hint: "Nothing was written; choose a bare-metal platform, or use a version with layer hashes." },
  );
}
