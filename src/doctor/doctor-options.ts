import type { CacheListing } from "../attestation/collateral/collateral-cache.ts";
import type { CollateralItem } from "../attestation/collateral-need.ts";
import type { TrustRoots } from "../attestation/trust-roots.ts";
import type { Logger } from "../lib/log.ts";
import type { Platform } from "../manifest/platforms.ts";
import type { ImageProvider } from "../oci/image.ts";

/** The files that are looked at. */
export interface DoctorOptions {
  /** YAML as for `set`; empty where the YAML is not to be looked at. */
  readonly paths: readonly string[];
  readonly manifestPath: string;
  readonly rulesPath: string;
  readonly settingsPath: string;
  readonly workloadOwnerKeyPath: string;
  readonly seedshareOwnerKeyPath: string;
  readonly seedSharesPath: string;
  /** `coordinator-policy.sha256` of the workspace. */
  readonly coordinatorHashPath: string;
  /** Value of `--coordinator-policy-hash`, if given. */
  readonly policyFlag: string | undefined;
  /** Directory of files that no flag names; empty for the current one. */
  readonly workspaceDir: string;
  /** Where `verify` writes. */
  readonly verifyDirectory: string;
  /** Certificates of a workload, as the Initializer writes them. */
  readonly tlsConfigDirectory: string | undefined;
  /** Replaces the embedded table of images. */
  readonly imageReplacementsPath: string | undefined;
  /** Replaces the embedded table of reference values. */
  readonly referenceValuesPath: string | undefined;
  /** Whether all collateral must be at hand, because no vendor can be asked. */
  readonly offline: boolean;
}

/** What the doctor uses of its surroundings; none of it reaches the network. */
export interface DoctorServices {
  /** Images on disk and in the cache; opens no connection. */
  readonly images: ImageProvider;
  readonly collateral: HeldCollateral;
  readonly roots: TrustRoots;
  /** The time that validity is judged at. */
  readonly at: Date;
  /** The clock. */
  readonly now: Date;
  readonly log: Logger;
  readonly readInput: (maxBytes: number) => Promise<Uint8Array>;
  readonly signal: AbortSignal;
  readonly workingDirectory: string;
  /** Policy hash of the Coordinator that this program was released with; undefined for none. */
  readonly releasedPolicy: (platform: Platform) => string | undefined;
}

/** Collateral at hand. */
export interface HeldCollateral {
  readonly files: readonly CollateralItem[];
  readonly cache: CacheListing;
  /** Undefined where the environment names no place for a cache. */
  readonly directory: string | undefined;
}
