import { join } from "node:path";
import { cacheDirectory } from "../lib/cache-directory.ts";
import { workingDirectory } from "../lib/program.ts";
import type { DoctorOptions, DoctorServices } from "../doctor/doctor-options.ts";
import { examine } from "../doctor/examine.ts";
import { renderJsonChecks, renderJsonReport } from "../doctor/report/json-report.ts";
import { renderTextChecks, renderTextReport } from "../doctor/report/text-report.ts";
import { expectedCoordinatorPolicy } from "../manifest/coordinator-policy-defaults.ts";
import { createImageProvider } from "../oci/image-provider.ts";
import { parseImageSources } from "../oci/image-source-option.ts";
import { paintFor } from "../terminal/colour.ts";
import type { CommandImplementation, ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { reportWidth } from "../terminal/report-width.ts";
import { choiceFlag } from "./choice-flag.ts";
import { collateralFilesOf, openUserCache } from "./collateral-options.ts";
import { expectedStateSources } from "./coordinator/expected-state-sources.ts";
import { OUTPUT_DIRECTORY } from "./coordinator/output-directory.ts";
import { trustOptionsOf } from "./trust-options.ts";

/** `contrast doctor`; its definition is in `doctor-definition.ts`. */
export const doctorCommand: CommandImplementation = {
  async run({ flags, positionals }, io) {
    if (flags.boolean("list")) {
      if (io.format === "json") io.out(renderJsonChecks());
      else for (const line of renderTextChecks()) io.out(line);
      return 0;
    }
    const failOn = choiceFlag(flags, "fail-on", ["error", "warning", "never"]);
    const results = await examine(doctorOptions(flags, positionals, io), await doctorServices(flags, io));
    const failing = failOn === "never" ? [] : failOn === "error" ? ["error"] : ["error", "warning"];
    const ok = !results.some(({ status }) => failing.includes(status));
    if (io.format === "json") io.out(renderJsonReport(results, ok));
    else {
      const layout = { verbose: flags.boolean("verbose"), paint: paintFor(io), width: reportWidth(io.columns()) };
      for (const line of renderTextReport(results, layout)) io.out(line);
    }
    return ok ? 0 : 1;
  },
};

function doctorOptions(flags: ParsedFlags, paths: readonly string[], io: Io): DoctorOptions {
  const optional = (name: string): string | undefined => flags.string(name) || undefined;
  const { manifestPath, policyFlag, policyPath } = expectedStateSources(flags, io.log);
  const workspaceDir = flags.string("workspace-dir");
  return {
    paths,
    manifestPath,
    policyFlag,
    coordinatorHashPath: policyPath,
    rulesPath: flags.string("policy"),
    settingsPath: flags.string("settings"),
    workloadOwnerKeyPath: flags.string("workload-owner-key"),
    seedshareOwnerKeyPath: flags.string("seedshare-owner-key"),
    seedSharesPath: flags.string("seed"),
    workspaceDir,
    verifyDirectory: join(workspaceDir, OUTPUT_DIRECTORY),
    tlsConfigDirectory: optional("tls-config"),
    imageReplacementsPath: optional("image-replacements"),
    referenceValuesPath: optional("reference-values-file"),
    offline: flags.boolean("offline"),
  };
}

async function doctorServices(flags: ParsedFlags, io: Io): Promise<DoctorServices> {
  const { env, log, progress, signal, now, readInput } = io;
  const { at, roots } = await trustOptionsOf(flags, io);
  const { cache, directory } = openUserCache(io, roots);
  const sources = parseImageSources(flags.strings("image-source"));
  const cacheDir = cacheDirectory(env);
  return {
    images: createImageProvider({ sources, offline: true, cacheDir, env, log, progress, signal, now }),
    collateral: { files: await collateralFilesOf(flags), cache: await cache.list(), directory },
    roots,
    at,
    now: now(),
    log,
    readInput,
    signal,
    workingDirectory: workingDirectory(),
    releasedPolicy: expectedCoordinatorPolicy,
  };
}
