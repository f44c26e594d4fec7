import type { ImageProvider } from "../oci/image.ts";
import type { Logger } from "../lib/log.ts";
import type { Platform } from "../manifest/platforms.ts";
import type { InitdataAlgorithm } from "../policy/initdata/initdata.ts";

/** What the user asked of one run of `generate`. */
export interface GenerateOptions {
  /** Files and directories, or `-` alone for standard input. */
  readonly paths: readonly string[];
  readonly platform: Platform;
  /** Rego rules; created from the embedded ones where the file is missing. */
  readonly rulesPath: string;
  /** Policy settings; created from those of the platform where the file is missing. */
  readonly settingsPath: string;
  readonly manifestPath: string;
  /** Directory of the files that the user did not name; made if it is missing. */
  readonly workspaceDir?: string | undefined;
  /** Where the hash of a Coordinator's policy goes. */
  readonly coordinatorHashPath: string;
  readonly workloadOwnerKeys: readonly string[];
  readonly seedshareOwnerKeys: readonly string[];
  readonly disableUpdates: boolean;
  readonly skipInitializer: boolean;
  readonly skipServiceMesh: boolean;
  /** Write the digest of each image into the YAML. */
  readonly pinImages: boolean;
  /** Try every policy before anything is written. */
  readonly selfCheck: boolean;
  /** One file for all patched YAML instead of the inputs. */
  readonly outputPath: string | undefined;
  /** Directory for all files of the input instead of the inputs. */
  readonly outputDirectory?: string | undefined;
  /** Give guests initdata in place of a bare policy. */
  readonly initdata?: InitdataOptions | undefined;
  /** Replaces the embedded table of images. */
  readonly imageReplacementsPath: string | undefined;
  /** Replaces the embedded table of reference values. */
  readonly referenceValuesPath: string | undefined;
}

/** How initdata is made. */
export interface InitdataOptions {
  /** That of the document, or else SHA-256, when absent. */
  readonly algorithm?: InitdataAlgorithm | undefined;
  /** A document whose members go along. */
  readonly path?: string | undefined;
}

/** What `generate` uses of its surroundings. */
export interface GenerateServices {
  readonly images: ImageProvider;
  readonly log: Logger;
  /** Standard input, whole. */
  readonly readInput: (maxBytes: number) => Promise<Uint8Array>;
  readonly signal: AbortSignal;
  /** Base directory of caches; undefined where there is none. */
  readonly cacheDir: string | undefined;
  /** See `lib/program.ts`. */
  readonly programId: string | undefined;
  readonly workingDirectory: string;
}
