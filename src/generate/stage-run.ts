import type { InputSet } from "../kubernetes/input-set.ts";
import type { FileWriter } from "../lib/file-writer.ts";
import { Problems } from "../lib/problems.ts";
import type { loadOwnerKeys, OwnerKeys } from "../manifest/owner-keys.ts";
import { planInitdata } from "./carry-policy.ts";
import { createSelfCheck } from "./create-self-check.ts";
import { fetchedImages } from "./fetch-images.ts";
import type { GenerateOptions, GenerateServices } from "./generate-options.ts";
import type { GenerateResult } from "./generate-result.ts";
import { lintTargets } from "./lint-targets.ts";
import { type ManifestInputs, readManifestInputs } from "./manifest-inputs.ts";
import { planOutputDirectory } from "./output-directory.ts";
import { patchTargets } from "./patch-targets.ts";
import { readTargets } from "./read-targets.ts";
import { findMoreProblems, refuseRun } from "./refuse-run.ts";
import { readRuleFiles } from "./rule-files.ts";
import { hasResourceList, withResults } from "./resource-list.ts";
import { stageYaml, type StagedYaml } from "./stage-yaml.ts";
import { resolveTargetImages } from "./target-images.ts";
import { finishTargets } from "./target-policies.ts";
import type { RunTraces } from "./unchanged-run.ts";
import { type ManifestUpdate, updateManifest } from "./update-manifest.ts";
import type { WrittenPlaces } from "./written-places.ts";
import { warnAboutRequest } from "./warn-about-request.ts";

/** What a run has computed when all of its files are staged. */
export interface StagedRun {
  readonly result: GenerateResult;
  readonly inputs: InputSet;
  readonly images: RunTraces["images"];
  /** For input files that are replaced when the staged files become visible. */
  readonly places: WrittenPlaces;
}

/**
 * All steps of `generate` up to the files, which the writer has then and nobody else sees.
 *
 * @param loadKeys reads owner keys, and makes those that are missing or leaves them out
 * @throws ContrastError and ProblemsError of every step
 */
export async function stageRun(
  options: GenerateOptions,
  services: GenerateServices,
  writer: FileWriter,
  loadKeys: typeof loadOwnerKeys,
): Promise<StagedRun> {
  const { log, signal } = services;
  const { paths, platform, outputPath, outputDirectory } = options;
  const problems = new Problems();
  const inputs = await readTargets(paths, services.readInput, log, problems);
  const isReadable = problems.errors.length === 0;
  const outputPaths =
    outputDirectory === undefined
      ? undefined
      : await planOutputDirectory(outputDirectory, paths, inputs.files, problems);
  const manifestInputs = await readManifestInputs(options);
  const ruleFiles = await readRuleFiles(options.rulesPath, options.settingsPath, platform.profile, problems);
  const { rules, settings } = ruleFiles;
  const initdata = await planInitdata(options.initdata, platform, problems);

  const { skipInitializer, skipServiceMesh } = options;
  const { handler, imageReplacements: images } = manifestInputs;
  const patch = { handler, images, skipInitializer, skipServiceMesh };
  await lintTargets(inputs, { platform, images, skipServiceMesh, policyRulesBytes: rules.length }, problems);
  const patched = patchTargets(inputs, patch, problems);
  if (!isReadable) refuseRun("Cannot read Kubernetes YAML", inputs, problems);
  const failed = problems.errors.length === 0 ? "Cannot get images" : "Cannot patch targets";

  const pauseImage = settings.cluster_config.pause_container_image;
  const imaged = await resolveTargetImages(patched, pauseImage, options.pinImages, services, problems);
  signal.throwIfAborted();

  const parts = { settings, images: fetchedImages(imaged.images), configs: inputs.lookup };
  if (problems.errors.length > 0) {
    await findMoreProblems(imaged, { rules, ...parts, initdata, check: undefined }, problems);
    refuseRun(failed, inputs, problems);
  }
  const otherRules = ruleFiles.isEmbeddedRules ? undefined : { rules, engine: engineOf(platform) };
  const check = options.selfCheck ? await createSelfCheck(parts, otherRules) : undefined;
  const finished = finishTargets(imaged.targets, { rules, ...parts, initdata, check }, problems);
  const yaml = await stageYaml(inputs, finished, { outputPath, outputPaths }, writer);
  signal.throwIfAborted();
  problems.throwIfAny("Cannot generate policies");

  const { workloadOwnerKeys: workload, seedshareOwnerKeys: seedshare, disableUpdates } = options;
  const keys = await loadKeys({ workload, seedshare, disableUpdates });
  const update = manifestUpdate(options, manifestInputs, yaml, keys, problems);
  problems.throwIfAny("Cannot update manifest");
  const requestBytes = new TextEncoder().encode(update.text).length + yaml.policyBytes;
  warnAboutRequest({ bytes: requestBytes, policies: yaml.policies.length }, options.manifestPath, problems);

  if (options.workspaceDir !== undefined) await writer.makeDirectory(options.workspaceDir);
  for (const file of ruleFiles.newFiles) await writer.stage(file);
  for (const { path, pem } of keys.newFiles) {
    await writer.stage({ path, content: pem, mode: 0o600, ifExists: "fail" });
  }
  await stageManifest(options, manifestInputs, update, writer);
  signal.throwIfAborted();
  const result = resultOf(options, manifestInputs, update, yaml, problems, writer);
  return {
    result: { ...result, standardOutput: withOwnResults(yaml, inputs, problems) },
    inputs,
    images: imaged.images,
    places: yaml.places,
  };
}

/** The engine of AKS guests knows base64, as rules that verify layers need it. */
function engineOf({ profile }: GenerateOptions["platform"]): "guest" | "current" {
  return profile === "aks" ? "current" : "guest";
}

/** What goes to standard output; a ResourceList carries the warnings along. */
function withOwnResults(
  { standardOutput }: StagedYaml,
  inputs: InputSet,
  { warnings }: Problems,
): readonly string[] | undefined {
  if (standardOutput === undefined || !hasResourceList(inputs)) return standardOutput;
  return [withResults(standardOutput.join(""), warnings, "warning")];
}

function manifestUpdate(
  { manifestPath: path, platform, disableUpdates }: GenerateOptions,
  { existing, referenceValues }: ManifestInputs,
  { policies: workloads }: StagedYaml,
  keys: OwnerKeys,
  problems: Problems,
): ManifestUpdate {
  return updateManifest({ existing, path, platform, referenceValues, workloads, keys, disableUpdates }, problems);
}

async function stageManifest(
  { manifestPath, coordinatorHashPath }: GenerateOptions,
  { existingText }: ManifestInputs,
  { text, coordinatorPolicyHash }: ManifestUpdate,
  writer: FileWriter,
): Promise<void> {
  if (existingText !== text) await writer.stage({ path: manifestPath, content: text });
  if (coordinatorPolicyHash === undefined) return;
  await writer.stage({ path: coordinatorHashPath, content: coordinatorPolicyHash });
}

function resultOf(
  { platform, manifestPath }: GenerateOptions,
  { handler }: ManifestInputs,
  { hint, missing }: ManifestUpdate,
  { workloads, standardOutput }: StagedYaml,
  { warnings }: Problems,
  { paths: written }: FileWriter,
): GenerateResult {
  return {
    platform: platform.display,
    runtimeHandler: handler,
    manifestPath,
    hint,
    missingReferenceValues: missing,
    workloads,
    written,
    warnings,
    standardOutput,
  };
}
