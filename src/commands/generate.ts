import { cacheDirectory } from "../lib/cache-directory.ts";
import { ContrastError } from "../lib/errors.ts";
import { findingsOf } from "../lib/finding.ts";
import { readText } from "../lib/files.ts";
import { ProblemsError } from "../lib/problems.ts";
import { programId, workingDirectory } from "../lib/program.ts";
import { checkGenerated } from "../generate/check-generated.ts";
import { generate } from "../generate/generate.ts";
import type { GenerateServices } from "../generate/generate-options.ts";
import type { GenerateResult } from "../generate/generate-result.ts";
import { withResults } from "../generate/resource-list.ts";
import { STANDARD_INPUT } from "../kubernetes/input-set.ts";
import { createImageProvider } from "../oci/image-provider.ts";
import type { ImageProvider } from "../oci/image.ts";
import { parseImageSources } from "../oci/image-source-option.ts";
import { parseRegistryMirrors } from "../oci/registry-mirror-option.ts";
import type { CommandImplementation, ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { findingsJson } from "../terminal/findings-json.ts";
import { resultJson } from "../terminal/json-result.ts";
import { reportWidth } from "../terminal/report-width.ts";
import { checkOutputPath, generateOptions } from "./generate-call.ts";
import { describeChange, printCheck } from "./generate-check.ts";
import { logWarnings } from "./log-warnings.ts";

const MAX_CA_FILE_BYTES = 16 * 1024 * 1024;

/** `contrast generate`; its definition is in `generate-definition.ts`. */
export const generateCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    if (flags.isSet("genpolicy-cache-path")) io.log.warn("the flag genpolicy-cache-path has no effect");
    const options = generateOptions(flags, positionals);
    if (options.outputPath !== undefined) await checkOutputPath(options.outputPath);
    else if (needsStandardOutputTwice(flags, positionals, io)) throw bothOnStandardOutput();
    const images = await imageProvider(flags, io);
    let input: Uint8Array | undefined;
    const services: GenerateServices = {
      images,
      log: io.log,
      readInput: async (maxBytes) => (input = await io.readInput(maxBytes)),
      signal: io.signal,
      cacheDir: cacheDirectory(io.env),
      programId: await programId(),
      workingDirectory: workingDirectory(),
    };
    try {
      if (flags.boolean("check")) {
        const width = reportWidth(io.columns());
        const run = await checkGenerated(options, services, (change) => describeChange(change, options, width));
        logWarnings(run.result.warnings, io.log);
        return printCheck(run, io);
      }
      const result = await generate(options, services);
      logWarnings(result.warnings, io.log);
      if (io.format === "json") printJson(result, io);
      else printText(result, io);
      return 0;
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      logWarnings(error.warnings, io.log);
      // Who called a function looks for errors in the list too, next to those on standard error.
      const list = input && options.outputPath === undefined ? listWithErrors(input, error) : undefined;
      if (list !== undefined && io.format === "text") io.write(list);
      throw error;
    }
  },
};

function listWithErrors(input: Uint8Array, { problems }: ProblemsError): string | undefined {
  const text = new TextDecoder().decode(input);
  const list = withResults(text, problems, "error");
  return list === text ? undefined : list;
}

function needsStandardOutputTwice(flags: ParsedFlags, paths: readonly string[], io: Io): boolean {
  return io.format === "json" && paths.includes(STANDARD_INPUT) && !flags.boolean("check");
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
  for (const { kind, name, initdata } of result.workloads) {
    if (initdata === undefined) continue;
    const { algorithm, digest, hostData, mrConfigId } = initdata;
    say(`  Initdata of ${kind} ${name}: ${algorithm} ${digest}`);
    say(`    HOST_DATA ${hostData}`);
    say(`    MRCONFIGID ${mrConfigId}`);
  }
  if (result.hint !== undefined) say(result.hint);
  say(`✔️ Updated manifest ${result.manifestPath}`);
}

function printJson(result: GenerateResult, io: Io): void {
  const { platform, runtimeHandler, manifestPath, missingReferenceValues, workloads, written, warnings } = result;
  const members = { platform, runtimeHandler, manifestPath, missingReferenceValues, workloads, written };
  io.out(resultJson("generate", { ...findingsJson(findingsOf([], warnings)), ...members }));
}
