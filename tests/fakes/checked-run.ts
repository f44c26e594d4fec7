import { checkGenerated, type CheckedRun } from "../../src/generate/check-generated.ts";
import type { GenerateOptions, GenerateServices } from "../../src/generate/generate-options.ts";
import type { FileChange } from "../../src/lib/dry-run.ts";

/** What `checkGenerated` finds, with the whole texts. */
export async function checkedRun(
  options: GenerateOptions,
  services: GenerateServices,
): Promise<CheckedRun<FileChange>> {
  return await checkGenerated(options, services, async (change) => change);
}
