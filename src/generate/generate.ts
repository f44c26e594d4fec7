import { ContrastError } from "../lib/errors.ts";
import { Problems } from "../lib/problems.ts";
import { Transaction } from "../lib/transaction.ts";
import { loadOwnerKeys, type OwnerKeys } from "../manifest/owner-keys.ts";
import type { Platform } from "../manifest/platforms.ts";
import { fetchedImages } from "./fetch-images.ts";
import type { GenerateOptions, GenerateServices } from "./generate-options.ts";
import type { GenerateResult } from "./generate-result.ts";
import { type ManifestInputs, readManifestInputs } from "./manifest-inputs.ts";
import { patchTargets } from "./patch-targets.ts";
import { readTargets } from "./read-targets.ts";
import { findMoreProblems, refuseRun } from "./refuse-run.ts";
import { readRuleFiles } from "./rule-files.ts";
import type { RunRecords } from "./run-record.ts";
import { createSelfCheck } from "./create-self-check.ts";
import { stageYaml, type StagedYaml } from "./stage-yaml.ts";
import { resolveTargetImages } from "./target-images.ts";
import { finishTargets } from "./target-policies.ts";
import { namedFileDigests, recordRun, runRecords, unchangedRun } from "./unchanged-run.ts";
import { type ManifestUpdate, updateManifest } from "./update-manifest.ts";

/**
 * Makes a deployment confidential: patches its YAML, gives every workload a policy and writes the manifest.
 *
 * Everything is computed, checked and written under temporary names first; files appear all together, so that a run
 * that fails leaves every file as it was. A second run on its own result changes no byte.
 *
 * @throws ContrastError and ProblemsError of every step
 * @see edgelesssys/contrast `cli/cmd/generate.go`
 */
export async function generate(options: GenerateOptions, services: GenerateServices): Promise<GenerateResult> {
  refuseLayerHashes(options.platform);
  const records = runRecords(options, services);
  const unchanged = await unchangedRun(options, services, records);
  if (unchanged !== undefined) return unchanged;
  const transaction = new Transaction();
  try {
    return await generateAnew(options, services, records, transaction);
  } finally {
    await transaction.discard();
  }
}

async function generateAnew(
  options: GenerateOptions,
  services: GenerateServices,
  records: RunRecords | undefined,
  transaction: Transaction,
): Promise<GenerateResult> {
  const { log, signal } = services;
  const problems = new Problems();
  const named = await namedFileDigests(options);
  const inputs = await readTargets(options.paths, services.readInput, log, problems);
  const isReadable = problems.errors.length === 0;
  const manifestInputs = await readManifestInputs(options);
  const { profile } = options.platform;
  const ruleFiles = await readRuleFiles(options.rulesPath, options.settingsPath, profile, problems);
  const { rules, settings } = ruleFiles;

  const { skipInitializer, skipServiceMesh } = options;
  const { handler, imageReplacements: images } = manifestInputs;
  const patch = { handler, images, skipInitializer, skipServiceMesh };
  const patched = patchTargets(inputs, patch, options.platform, problems);
  if (!isReadable) refuseRun("Cannot read Kubernetes YAML", inputs, problems);
  const failed = problems.errors.length === 0 ? "Cannot get images" : "Cannot patch targets";

  const pauseImage = settings.cluster_config.pause_container_image;
  const imaged = await resolveTargetImages(patched, pauseImage, options.pinImages, services, problems);
  signal.throwIfAborted();

  const parts = { settings, images: fetchedImages(imaged.images), configs: inputs.lookup };
  if (problems.errors.length > 0) {
    await findMoreProblems(imaged, { rules, ...parts, check: undefined }, problems);
    refuseRun(failed, inputs, problems);
  }
  // Other rules than the embedded ones cannot be tried; that was told when they were read.
  const canCheck = options.selfCheck && ruleFiles.isEmbeddedRules;
  const check = canCheck ? await createSelfCheck(parts) : undefined;
  const finished = finishTargets(imaged.targets, { rules, ...parts, check }, problems);
  const yaml = await stageYaml(inputs, finished, options.outputPath, transaction);
  signal.throwIfAborted();
  problems.throwIfAny("Cannot generate policies");

  const { workloadOwnerKeys: workload, seedshareOwnerKeys: seedshare, disableUpdates } = options;
  const keys = await loadOwnerKeys({ workload, seedshare, disableUpdates });
  const update = manifestUpdate(options, manifestInputs, yaml, keys, problems);
  problems.throwIfAny("Cannot update manifest");

  if (options.workspaceDir !== undefined) await transaction.makeDirectory(options.workspaceDir);
  for (const file of ruleFiles.newFiles) await transaction.stage(file);
  for (const { path, pem } of keys.newFiles) {
    await transaction.stage({ path, content: pem, mode: 0o600, ifExists: "fail" });
  }
  await stageManifest(options, manifestInputs, update, transaction);
  signal.throwIfAborted();
  await transaction.commit();

  const result = resultOf(options, manifestInputs, update, yaml, problems, transaction);
  const traces = { named, inputs, written: transaction.digests, images: imaged.images };
  await recordRun(records, options, traces, result, services);
  return result;
}

/** On AKS a policy holds the root hash of every image layer; without them it would protect nothing. */
function refuseLayerHashes(platform: Platform): void {
  if (platform.profile !== "aks") return;
  throw new ContrastError(
    "generate/layer-hashes-missing",
    `Cannot generate policies for ${platform.display}: this version cannot compute the layer hashes that its policies need`,
    { hint: "Nothing was written; choose a bare-metal platform, or use a version with layer hashes." },
  );
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
  transaction: Transaction,
): Promise<void> {
  if (existingText !== text) await transaction.stage({ path: manifestPath, content: text });
  if (coordinatorPolicyHash === undefined) return;
  await transaction.stage({ path: coordinatorHashPath, content: coordinatorPolicyHash });
}

function resultOf(
  { platform, manifestPath }: GenerateOptions,
  { handler }: ManifestInputs,
  { hint, missing }: ManifestUpdate,
  { workloads, standardOutput }: StagedYaml,
  { warnings }: Problems,
  { paths: written }: Transaction,
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
