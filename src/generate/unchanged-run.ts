import { discoverYamlFiles } from "../kubernetes/discover-yaml-files.ts";
import { type InputSet, STANDARD_INPUT } from "../kubernetes/input-set.ts";
import { sha256Hex } from "../lib/digest.ts";
import { messageOf } from "../lib/errors.ts";
import { fileDigest } from "../lib/file-digest.ts";
import { kindOfPath } from "../lib/files.ts";
import { mapPool } from "../lib/pool.ts";
import { parseReference } from "../oci/reference.ts";
import type { ImageProvider } from "../oci/image.ts";
import type { Images } from "./fetch-images.ts";
import type { GenerateOptions, GenerateServices } from "./generate-options.ts";
import type { GenerateResult } from "./generate-result.ts";
import { type RunRecord, RunRecords } from "./run-record.ts";

/** Hashing is bound by the processor; a few files at a time keep memory low. */
const PARALLEL_FILES = 4;
const PARALLEL_IMAGES = 8;

/** The records of runs with these options; undefined where runs cannot be told apart or kept. */
export async function runRecords(
  options: GenerateOptions,
  services: GenerateServices,
): Promise<RunRecords | undefined> {
  const { cacheDir, programId, workingDirectory } = services;
  if (cacheDir === undefined || programId === undefined || options.paths.includes(STANDARD_INPUT)) return undefined;
  // Files that appear in an output directory are told, so it has to be looked at each time.
  if (options.outputDirectory !== undefined) return undefined;
  // A pipe can be read once, so nobody can tell whether the same comes out of it again.
  if ((await Promise.all(namedFiles(options).map(kindOfPath))).includes("other")) return undefined;
  return new RunRecords(cacheDir, programId, workingDirectory, options);
}

/**
 * The result of the last run, if nothing that it depended on has changed since: no file that it read or wrote, no file
 * that it would find, no tag.
 */
export async function unchangedRun(
  options: GenerateOptions,
  services: GenerateServices,
  records: RunRecords | undefined,
): Promise<GenerateResult | undefined> {
  const record = await records?.read();
  if (record === undefined) return undefined;
  const isSame =
    (await findsSameFiles(options.paths, record.found)) &&
    (await hasSameFiles(record.files)) &&
    (await hasSameTags(record.tags, services.images));
  if (!isSame) return undefined;
  services.log.info("nothing has changed since the last run");
  return { ...record.result, written: [], standardOutput: undefined };
}

async function findsSameFiles(paths: readonly string[], found: readonly string[]): Promise<boolean> {
  try {
    const now = await discoverYamlFiles(paths, () => {});
    return now.length === found.length && now.every((path, index) => path === found[index]);
  } catch {
    return false;
  }
}

async function hasSameFiles(files: RunRecord["files"]): Promise<boolean> {
  const entries = Object.entries(files);
  const same = await mapPool(entries, PARALLEL_FILES, async ([path, digest]) => (await fileDigest(path)) === digest);
  return same.every(Boolean);
}

async function hasSameTags(tags: RunRecord["tags"], images: ImageProvider): Promise<boolean> {
  try {
    const same = await mapPool(Object.entries(tags), PARALLEL_IMAGES, async ([reference, digest]) => {
      return (await images.image(reference)).digest === digest;
    });
    return same.every(Boolean);
  } catch {
    return false;
  }
}

/** Files that decide the result whether they exist or not, with their digests at this moment. */
export async function namedFileDigests(options: GenerateOptions): Promise<ReadonlyMap<string, string | null>> {
  const paths = namedFiles(options);
  return new Map(await mapPool(paths, PARALLEL_FILES, async (path) => [path, await fileDigest(path)] as const));
}

function namedFiles(options: GenerateOptions): readonly string[] {
  const { rulesPath, settingsPath, manifestPath, imageReplacementsPath, referenceValuesPath } = options;
  const tables = [imageReplacementsPath, referenceValuesPath, options.initdata?.path].filter(
    (path) => path !== undefined,
  );
  const keys = [...options.workloadOwnerKeys, ...options.seedshareOwnerKeys];
  return [...new Set([rulesPath, settingsPath, manifestPath, ...keys, ...tables])];
}

/** What a run read and wrote. Nothing of it is looked up afterwards: an edit during the run must count as a change. */
export interface RunTraces {
  /** From `namedFileDigests`, before anything was read. */
  readonly named: ReadonlyMap<string, string | null>;
  readonly inputs: InputSet;
  /** SHA-256 of the written files by path. */
  readonly written: ReadonlyMap<string, string>;
  readonly images: Images;
}

/**
 * Keeps what a finished run depended on.
 *
 * @param result with warnings that hold for the files as they lie now
 */
export async function recordRun(
  records: RunRecords | undefined,
  options: GenerateOptions,
  { named, inputs, written, images }: RunTraces,
  result: GenerateResult,
  services: GenerateServices,
): Promise<void> {
  if (records === undefined) return;
  // A directory of settings has no digest of its own.
  if ((await kindOfPath(options.settingsPath)) !== "file") return;
  try {
    const read = inputs.files
      .filter(({ path }) => !written.has(path))
      .map(({ path, stream }) => [path, sha256Hex(stream.text)] as const);
    const tags = [...images].flatMap(([reference, { digest }]) =>
      parseReference(reference).digest === undefined ? [[reference, digest] as const] : [],
    );
    const { written: _written, standardOutput: _standardOutput, ...kept } = result;
    await records.write({
      found: inputs.files.map(({ path }) => path),
      files: Object.fromEntries([...named, ...read, ...written]),
      tags: Object.fromEntries(tags),
      result: kept,
    });
  } catch (error) {
    services.log.debug("cannot keep the record of this run", { reason: messageOf(error) });
  }
}
