import { embeddedImageReplacements } from "../../generate/image-replacements.ts";
import { readTables } from "../../generate/manifest-inputs.ts";
import { inContext } from "../../lib/errors.ts";
import { parsePlatform, type Platform } from "../../manifest/platforms.ts";
import { platformDefaults } from "../../manifest/reference-values-table.ts";
import { createImageTable, type ImageTable } from "../../resources/release-images.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";

/** What the flags of a command say about a platform. */
export interface PlatformChoice {
  readonly platform: Platform;
  /** Name of its RuntimeClass, the same that `generate` writes into pods. */
  readonly runtimeHandler: string;
  readonly images: ImageTable;
}

/**
 * Reads the tables that the flags name and finds the platform in them.
 *
 * @throws ContrastError `manifest/platform-unknown`, `manifest/platform-without-values`, and those of the tables
 */
export async function platformChoice(flags: ParsedFlags): Promise<PlatformChoice> {
  const platform = platformFlag(flags);
  const referenceValuesPath = flags.string("reference-values-file") || undefined;
  const imageReplacementsPath = flags.string("image-replacements") || undefined;
  const tables = await readTables({ imageReplacementsPath, referenceValuesPath });
  const { handler } = platformDefaults(tables.referenceValues, platform);
  return { platform, runtimeHandler: handler, images: createImageTable(tables.images, embeddedImageReplacements()) };
}

/**
 * The platform that `--platform` names.
 *
 * @throws ContrastError `manifest/platform-unknown`
 */
export function platformFlag(flags: ParsedFlags): Platform {
  try {
    return parsePlatform(flags.string("platform"));
  } catch (error) {
    throw inContext(error, "parse flags: invalid platform", "lib/internal");
  }
}
