import { exists, readBytes, readText } from "../lib/files.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import {
  embeddedReferenceValues,
  parseReferenceValuesTable,
  platformDefaults,
  type ReferenceValuesTable,
} from "../manifest/reference-values-table.ts";
import type { Manifest, ReferenceValues } from "../manifest/schema.ts";
import type { GenerateOptions } from "./generate-options.ts";
import { embeddedImageReplacements, type ImageReplacements, parseImageReplacements } from "./image-replacements.ts";

/** Tables and files that decide identities, read before anything is changed. */
export interface ManifestInputs {
  /** Name of the runtime handler, which becomes the runtime class. */
  readonly handler: string;
  /** For a new manifest. */
  readonly referenceValues: ReferenceValues;
  readonly imageReplacements: ImageReplacements;
  /** The manifest that is there already. */
  readonly existing: Manifest | undefined;
  readonly existingText: string | undefined;
}

const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

/**
 * Reads the existing manifest and the tables of the run.
 *
 * @throws ContrastError, ProblemsError for a file that cannot be read or parsed
 */
export async function readManifestInputs(options: GenerateOptions): Promise<ManifestInputs> {
  const { manifestPath, platform, imageReplacementsPath, referenceValuesPath } = options;
  let existing: Manifest | undefined;
  let existingText: string | undefined;
  if (await exists(manifestPath)) {
    const bytes = await readBytes(manifestPath, "existing manifest", MAX_MANIFEST_BYTES);
    existing = parseManifest(bytes, `existing manifest "${manifestPath}"`);
    existingText = new TextDecoder().decode(bytes);
  }
  const table = await referenceValuesTable(referenceValuesPath);
  const imageReplacements =
    imageReplacementsPath === undefined
      ? embeddedImageReplacements()
      : parseImageReplacements(
          await readText(imageReplacementsPath, "image replacements", MAX_TABLE_BYTES),
          imageReplacementsPath,
        );
  return { ...platformDefaults(table, platform), imageReplacements, existing, existingText };
}

async function referenceValuesTable(path: string | undefined): Promise<ReferenceValuesTable> {
  if (path === undefined) return embeddedReferenceValues();
  const what = `reference values file "${path}"`;
  return parseReferenceValuesTable(await readBytes(path, "reference values file", MAX_TABLE_BYTES), what);
}
