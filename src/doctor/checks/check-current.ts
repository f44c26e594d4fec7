import type { ValueMap } from "../../kubernetes/value.ts";
import { checkGenerated } from "../../generate/check-generated.ts";
import type { GenerateOptions } from "../../generate/generate-options.ts";
import { mapsIn, textAt } from "../../generate/patch-view.ts";
import { INITIALIZER_NAME, SIDECAR_NAME } from "../../kubernetes/contrast-names.ts";
import { STANDARD_INPUT } from "../../kubernetes/input-set.ts";
import { valueAt } from "../../kubernetes/value.ts";
import type { Tables } from "../../generate/manifest-inputs.ts";
import { collectProblem } from "../../lib/collect-problem.ts";
import { Problems } from "../../lib/problems.ts";
import type { Platform } from "../../manifest/platforms.ts";
import type { Manifest } from "../../manifest/schema.ts";
import type { CheckId } from "../check-catalogue.ts";
import type { ExaminedWorkload } from "../deployment.ts";
import type { DoctorOptions, DoctorServices } from "../doctor-options.ts";
import type { Examination } from "../examination.ts";

const CHECK = "deployment.current";
const REPAIR_HINT = 'Repair what is told, then run "contrast generate".';

/** What a run of `generate` needs to know. */
export interface GeneratedState {
  readonly platform: Platform | undefined;
  readonly manifest: Manifest | undefined;
  readonly workloads: readonly ExaminedWorkload[];
  readonly tables: Tables | undefined;
}

/**
 * Asks `generate` what it would change. It looks at images on disk and in the cache only; without them the check is
 * skipped.
 */
export async function checkCurrent(
  options: DoctorOptions,
  services: DoctorServices,
  state: GeneratedState,
  examination: Examination,
): Promise<void> {
  const { platform, manifest, workloads } = state;
  const obstacle = obstacleOf(state, examination);
  if (obstacle !== undefined || platform === undefined || manifest === undefined) {
    const missing =
      manifest === undefined ? "the manifest cannot be read" : "the YAML is for no platform, or for several";
    examination.skip(CHECK, obstacle ?? missing);
    return;
  }
  const unknown = unknownOf(options, workloads);
  if (unknown !== undefined) {
    examination.leave(CHECK, unknown);
    return;
  }
  const problems = new Problems();
  const { images, log, readInput, signal, workingDirectory } = services;
  const run = await collectProblem(problems, () =>
    checkGenerated(
      generateOptions(options, platform, manifest, workloads),
      { images, log, readInput, signal, workingDirectory, cacheDir: undefined, programId: undefined },
      async ({ path, before }) => ({ path, isNew: before === undefined }),
    ),
  );
  if (problems.errors.some(({ code }) => code === "oci/offline-missing")) {
    examination.leave(CHECK, 'not all images are in the cache; with network, "contrast generate --check" tells it');
    return;
  }
  examination.take(CHECK, { errors: problems.errors, warnings: [] }, REPAIR_HINT);
  for (const { path, isNew } of run?.changes ?? []) {
    // Names in the manifest may be edited, and what is missing is for the checks that need it to tell.
    if (isNew || path === options.manifestPath) continue;
    examination.warn(CHECK, {
      file: path,
      message: "generate would write the file anew: it, or what it is made from, was changed since",
      hint: 'Look at what would change with "contrast generate --check", and run generate with the flags of then.',
    });
  }
  examination.conclude(CHECK, "YAML, policies and manifest are what generate makes of them");
}

/** What keeps `generate` from running, which other checks tell. */
function obstacleOf({ workloads, tables }: GeneratedState, { results }: Examination): string | undefined {
  const hasError = (id: CheckId): boolean => results.some(({ check, status }) => check === id && status === "error");
  if (tables === undefined) return "the tables cannot be read";
  if (hasError("deployment.readable")) return "not all of the YAML can be read";
  if (hasError("manifest.valid")) return "the manifest is not valid";
  if (workloads.some(({ deployed }) => deployed === undefined)) return "not every workload carries a policy";
  return undefined;
}

/** What a run of `generate` would need, and nobody knows here. */
function unknownOf({ paths }: DoctorOptions, workloads: readonly ExaminedWorkload[]): string | undefined {
  if (paths.includes(STANDARD_INPUT)) return "YAML of standard input cannot be read twice";
  const isInitdata = workloads.some(({ policy }) => policy?.carrier === "initdata");
  return isInitdata ? "what else is in the initdata is not known" : undefined;
}

/** The flags that the run must have had, as far as its results tell. */
function generateOptions(
  options: DoctorOptions,
  platform: Platform,
  manifest: Manifest,
  workloads: readonly ExaminedWorkload[],
): GenerateOptions {
  const containersOf = (key: string): readonly ValueMap[] =>
    workloads.flatMap(({ object, view }) => mapsIn(valueAt(object.value, [...view.workload.podSpecPath, key])));
  const initContainers = containersOf("initContainers");
  const isInjected = (wanted: string): boolean =>
    initContainers.some((container) => textAt(container, "name") === wanted);
  return {
    paths: options.paths,
    platform,
    rulesPath: options.rulesPath,
    settingsPath: options.settingsPath,
    manifestPath: options.manifestPath,
    coordinatorHashPath: options.coordinatorHashPath,
    // Which keys the manifest names is for other checks to judge.
    workloadOwnerKeys: [],
    seedshareOwnerKeys: [],
    disableUpdates: manifest.workloadOwnerKeyDigests === null,
    skipInitializer: !isInjected(INITIALIZER_NAME),
    skipServiceMesh: !isInjected(SIDECAR_NAME),
    // Injected containers have no digest otherwise, where the table of images names tags.
    pinImages: [...containersOf("containers"), ...initContainers].every((container) =>
      textAt(container, "image")?.includes("@"),
    ),
    selfCheck: false,
    outputPath: undefined,
    imageReplacementsPath: options.imageReplacementsPath,
    referenceValuesPath: options.referenceValuesPath,
  };
}
