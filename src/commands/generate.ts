import { dirname, join } from "node:path";
import { cacheDirectory } from "../lib/cache-directory.ts";
import { ContrastError, inContext } from "../lib/errors.ts";
import { kindOfPath, readText } from "../lib/files.ts";
import { ProblemsError } from "../lib/problems.ts";
import { programId, workingDirectory } from "../lib/program.ts";
import { generate } from "../generate/generate.ts";
import type { GenerateOptions } from "../generate/generate-options.ts";
import type { GenerateResult } from "../generate/generate-result.ts";
import { STANDARD_INPUT } from "../generate/read-targets.ts";
import { parsePlatform } from "../manifest/platforms.ts";
import { createImageProvider } from "../oci/image-provider.ts";
import type { ImageProvider } from "../oci/image.ts";
import { parseImageSources } from "../oci/image-source-option.ts";
import { parseRegistryMirrors } from "../oci/registry-mirror-option.ts";
import type { CommandImplementation, ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { resultJson } from "../terminal/json-result.ts";
import { logWarnings } from "./log-warnings.ts";

/** Written beside the manifest when the input holds a Coordinator. */
const COORDINATOR_HASH_FILE = "coordinator-policy.sha256";

const MAX_CA_FILE_BYTES = 16 * 1024 * 1024;

/** `contrast generate`; its definition is in `generate-definition.ts`. */
export const generateCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    if (flags.isSet("genpolicy-cache-path")) io.log.warn("the flag genpolicy-cache-path has no effect");
    const options = parseOptions(flags, positionals);
    if (options.outputPath !== undefined) await checkOutputPath(options.outputPath);
    else if (io.format === "json" && positionals.includes(STANDARD_INPUT)) throw bothOnStandardOutput();
    const images = await imageProvider(flags, io);
    const result = await generate(options, {
      images,
      log: io.log,
      readInput: io.readInput,
      signal: io.signal,
      cacheDir: cacheDirectory(io.env),
      programId: await programId(),
      workingDirectory: workingDirectory(),
    }).catch((error: unknown) => {
      if (error instanceof ProblemsError) logWarnings(error.warnings, io.log);
      throw error;
    });
    logWarnings(result.warnings, io.log);
    if (io.format === "json") printJson(result, io);
    else printText(result, io);
  },
};

function parseOptions(flags: ParsedFlags, paths: readonly string[]): GenerateOptions {
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

async function checkOutputPath(path: string): Promise<void> {
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

function bothOnStandardOutput(): ContrastError {
  return new ContrastError(
    "generate/output-invalid",
    "parse flags: the YAML and the JSON result cannot both go to standard output",
    { hint: "Name a file for the YAML with --output." },
  );
}

async function imageProvider(flags: ParsedFlags, io: Io): Promise<ImageProvider> {
  const caPath = flags.string("registry-ca");
  const { env, log, progress, signal, now } = io;
  return createImageProvider({
    sources: parseImageSources(flags.strings("image-source")),
    offline: flags.boolean("offline"),
    cacheDir: cacheDirectory(env),
    insecureRegistries: flags.strings("insecure-registry"),
    registryMirrors: parseRegistryMirrors(flags.strings("registry-mirror")),
    caPem: caPath === "" ? undefined : await readText(caPath, "registry CA file", MAX_CA_FILE_BYTES),
    env,
    log,
    progress,
    signal,
    now,
  });
}

function printText(result: GenerateResult, io: Io): void {
  // Where the YAML itself goes to standard output, everything else must not.
  const say = result.standardOutput === undefined ? io.out : io.err;
  for (const chunk of result.standardOutput ?? []) io.write(chunk);
  say("✔️ Patched targets");
  say("✔️ Generated workload policy annotations");
  if (result.hint !== undefined) say(result.hint);
  say(`✔️ Updated manifest ${result.manifestPath}`);
}

function printJson(result: GenerateResult, io: Io): void {
  const { platform, runtimeHandler, manifestPath, missingReferenceValues, workloads, written, warnings } = result;
  const members = { platform, runtimeHandler, manifestPath, missingReferenceValues, workloads, written, warnings };
  io.out(resultJson("generate", members));
}
