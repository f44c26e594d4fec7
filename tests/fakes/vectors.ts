import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * A folder of the shared vectors, which are not part of the repository: `CONTRAST_VECTORS`, else next to the checkout.
 *
 * @param name such as `kata-policy`
 * @returns undefined, after one line that says so, where it is absent
 */
export function vectorsFolder(name: string): string | undefined {
  const root = process.env["CONTRAST_VECTORS"] ?? join(import.meta.dir, "../../../shared/vectors");
  const folder = join(root, name);
  if (existsSync(folder)) return folder;
  console.log(`skipped: vectors of ${name}, not found in ${root} (set CONTRAST_VECTORS)`);
  return undefined;
}
