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
  const { manifestPath, platform } = options;
  let existing: Manifest | undefined;
  let existingText: string | undefined;
  if (await exists(manifestPath)) {
    const bytes = await readBytes(manifestPath, "existing manifest", MAX_MANIFEST_BYTES);
    existing = parseManifest(bytes, `existing manifest "${manifestPath}"`);
    existingText = new TextDecoder().decode(bytes);
  }
  const { referenceValues, images } = await readTables(options);
  return { ...platformDefaults(referenceValues, platform), imageReplacements: images, existing, existingText };
}

/** Tables that decide identities. */
export interface Tables {
  readonly referenceValues: ReferenceValuesTable;
  readonly images: ImageReplacements;
}

/**
 * Reads the tables of a run: those that the user names, else the embedded ones.
 *
 * @throws ContrastError, ProblemsError for a file that cannot be read or parsed
 */
export async function readTables({
  imageReplacementsPath,
  referenceValuesPath,
}: Pick<GenerateOptions, "imageReplacementsPath" | "referenceValuesPath">): Promise<Tables> {
  const referenceValues = await referenceValuesTable(referenceValuesPath);
  if (imageReplacementsPath === undefined) return { referenceValues, images: embeddedImageReplacements() };
  const text = await readText(imageReplacementsPath, "image replacements", MAX_TABLE_BYTES);
  return { referenceValues, images: parseImageReplacements(text, imageReplacementsPath) };
}

async function referenceValuesTable(path: string | undefined): Promise<ReferenceValuesTable> {
  if (path === undefined) return embeddedReferenceValues();
  const what = `reference values file "${path}"`;
  return parseReferenceValuesTable(await readBytes(path, "reference values file", MAX_TABLE_BYTES), what);
}
