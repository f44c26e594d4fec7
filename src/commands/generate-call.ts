import { dirname, join } from "node:path";
import { ContrastError, inContext } from "../lib/errors.ts";
import { kindOfPath } from "../lib/files.ts";
import type { GenerateOptions, InitdataOptions } from "../generate/generate-options.ts";
import { parsePlatform } from "../manifest/platforms.ts";
import { isInitdataAlgorithm } from "../policy/initdata/initdata.ts";
import type { ParsedFlags } from "../terminal/command-definition.ts";

/** Written beside the manifest when the input holds a Coordinator. */
const COORDINATOR_HASH_FILE = "coordinator-policy.sha256";

/**
 * What the flags of `contrast generate` ask for.
 *
 * @throws ContrastError `manifest/unknown-platform` and other codes of wrong values
 */
export function generateOptions(flags: ParsedFlags, paths: readonly string[]): GenerateOptions {
  const optional = (name: string): string | undefined => flags.string(name) || undefined;
  return {
    paths,
    platform: platformOf(flags),
    rulesPath: flags.string("policy"),
    settingsPath: flags.string("settings"),
    manifestPath: flags.string("manifest"),
    workspaceDir: optional("workspace-dir"),
    coordinatorHashPath: join(flags.string("workspace-dir"), COORDINATOR_HASH_FILE),
    workloadOwnerKeys: flags.strings("add-workload-owner-key"),
    seedshareOwnerKeys: flags.strings("add-seedshare-owner-key"),
    disableUpdates: flags.boolean("disable-updates"),
    skipInitializer: flags.boolean("skip-initializer"),
    skipServiceMesh: flags.boolean("skip-service-mesh"),
    pinImages: flags.boolean("pin-images"),
    selfCheck: !flags.boolean("no-self-check"),
    outputPath: optional("output"),
    outputDirectory: optional("output-dir"),
    initdata: initdataOptions(flags),
    imageReplacementsPath: optional("image-replacements"),
    referenceValuesPath: optional("reference-values-file"),
  };
}

function platformOf(flags: ParsedFlags): GenerateOptions["platform"] {
  try {
    return parsePlatform(flags.string("reference-values"));
  } catch (error) {
    throw inContext(error, "parse flags: invalid reference-values platform", "lib/internal");
  }
}

function initdataOptions(flags: ParsedFlags): InitdataOptions | undefined {
  const algorithm = flags.string("initdata-algorithm");
  if (flags.boolean("initdata")) {
    if (algorithm !== "" && !isInitdataAlgorithm(algorithm)) throw unknownAlgorithm(algorithm);
    return { algorithm: algorithm === "" ? undefined : algorithm, path: flags.string("initdata-path") || undefined };
  }
  for (const name of ["initdata-algorithm", "initdata-path"]) {
    if (!flags.isSet(name)) continue;
    throw new ContrastError("generate/initdata-conflict", `parse flags: --${name} needs --initdata`, {
      hint: "Add --initdata, or leave the flag out.",
    });
  }
  return undefined;
}

function unknownAlgorithm(name: string): ContrastError {
  const message = `parse flags: invalid initdata-algorithm: unknown hash: ${name}`;
  return new ContrastError("policy/initdata-algorithm", message, { hint: "Name sha256, sha384 or sha512." });
}

/**
 * Checks that a file can be written under a path before anything else is done.
 *
 * @throws ContrastError `generate/output-invalid`
 */
export async function checkOutputPath(path: string): Promise<void> {
  const parent = dirname(path);
  if ((await kindOfPath(parent)) !== "directory") {
    throw new ContrastError("generate/output-invalid", `parse flags: not a directory: "${parent}"`, {
      hint: "Create the directory first.",
    });
  }
  const kind = await kindOfPath(path);
  if (kind === "directory" || kind === "other") {
    const fact = kind === "directory" ? "is a directory" : "is not a regular file";
    throw new ContrastError("generate/output-invalid", `parse flags: output file "${path}" ${fact}`, {
      hint: "Name a file; the path - reads standard input and writes to standard output.",
    });
  }
}
