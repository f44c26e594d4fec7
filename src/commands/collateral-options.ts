import { join } from "node:path";
import {
  type CollateralCache,
  NO_COLLATERAL_CACHE,
  openCollateralCache,
} from "../attestation/collateral/collateral-cache.ts";
import { collateralSetOf } from "../attestation/collateral/collateral-set.ts";
import type { GathererOptions } from "../attestation/collateral/create-gatherer.ts";
import type { FetchCollateral } from "../attestation/collateral/fetcher.ts";
import { parseMirror } from "../attestation/collateral/mirror.ts";
import type { CollateralItem } from "../attestation/collateral-need.ts";
import type { GatherCollateral } from "../attestation/gather-collateral.ts";
import type { TrustRoots } from "../attestation/trust-roots.ts";
import { cacheDirectory } from "../lib/cache-directory.ts";
import { ContrastError } from "../lib/errors.ts";
import { readText } from "../lib/files.ts";
import { sleep } from "../lib/sleep.ts";
import type { ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { type TrustOptions, trustOptionsOf } from "./trust-options.ts";

/** What the flags of `COLLATERAL_FLAGS` mean for one run. */
export interface CollateralOptions extends TrustOptions {
  readonly offline: boolean;
  readonly gather: GatherCollateral;
  readonly sources: CollateralSources;
}

/** Where `gather` looks, for those who look there themselves. */
export interface CollateralSources extends UserCache {
  readonly files: readonly CollateralItem[];
  /** Undefined with `--offline`. */
  readonly fetch: FetchCollateral | undefined;
}

/** The cache of this user. */
export interface UserCache {
  readonly cache: CollateralCache;
  /** Undefined where the environment names no place. */
  readonly directory: string | undefined;
}

const MAX_PEM_BYTES = 1024 * 1024;

/**
 * Makes what a command needs to get and judge collateral. Files that flags name are read now, so that mistakes are told
 * before anything is asked for; the network is loaded when it is needed. Roots of a file are warned of every time.
 *
 * @param totalTimeoutMs for the requests of one verification; 25 s unless given
 * @throws UsageError `terminal/invalid-argument`; ContrastError `attestation/mirror-invalid`,
 *   `attestation/mirror-ca-invalid`, and those of the files
 */
export async function collateralOptionsOf(
  flags: ParsedFlags,
  io: Io,
  totalTimeoutMs?: number,
): Promise<CollateralOptions> {
  const { now, log } = io;
  const offline = flags.boolean("offline");
  const fetch = await fetcherOf(flags, io);
  const trust = await trustOptionsOf(flags, io);
  const sources = {
    files: await collateralFilesOf(flags),
    fetch: offline ? undefined : fetch,
    ...openUserCache(io, trust.roots),
  };
  // Every sandbox has roots of its own, and all of them keep their collateral in one place.
  const hasSharedCache = trust.roots.insecure;
  return { ...trust, offline, sources, gather: gathererOf({ ...sources, hasSharedCache, now, log, totalTimeoutMs }) };
}

/** Loads what searches for collateral when there is something to search for. */
function gathererOf(options: GathererOptions): GatherCollateral {
  let gatherer: GatherCollateral | undefined;
  return async (needs, supplied, inspect, at, signal) => {
    if (needs.length + supplied.length === 0) return collateralSetOf([]);
    const { createCollateralGatherer } = await import("../attestation/collateral/create-gatherer.ts");
    gatherer ??= createCollateralGatherer(options);
    return await gatherer(needs, supplied, inspect, at, signal);
  };
}

/**
 * Opens the cache that the environment names; without one nothing is kept. Roots of a file have a cache of their own: by
 * them the vendors' collateral is wrong, and would be replaced by what they signed.
 */
export function openUserCache({ env, log }: Io, { insecure }: Pick<TrustRoots, "insecure">): UserCache {
  const base = cacheDirectory(env);
  if (base === undefined) return { cache: NO_COLLATERAL_CACHE, directory: undefined };
  const directory = join(base, insecure ? "kds-insecure" : "kds");
  return { cache: openCollateralCache(directory, log), directory };
}

/** Loads network code with the first request. */
async function fetcherOf(flags: ParsedFlags, io: Io): Promise<FetchCollateral> {
  const mirrorOf = (name: string): string | undefined =>
    flags.string(name) === "" ? undefined : parseMirror(flags.string(name), `--${name}`);
  const mirrors = { kds: mirrorOf("kds-mirror"), pcs: mirrorOf("pcs-mirror") };
  const caPem = await mirrorCaOf(flags.string("mirror-ca"));
  const { now, log } = io;
  let fetcher: FetchCollateral | undefined;
  return async (need, limits) => {
    const { createCollateralFetcher } = await import("../attestation/collateral/fetch-collateral.ts");
    fetcher ??= createCollateralFetcher({ mirrors, caPem, now, sleep, log });
    return await fetcher(need, limits);
  };
}

async function mirrorCaOf(path: string): Promise<string | undefined> {
  if (path === "") return undefined;
  const pem = await readText(path, "certificates for mirrors", MAX_PEM_BYTES);
  if (/-----BEGIN CERTIFICATE-----\s/.test(pem)) return pem;
  throw new ContrastError(
    "attestation/mirror-ca-invalid",
    `Cannot use "${path}" for --mirror-ca: it has no certificate`,
  );
}

/**
 * Reads the files of `--collateral`.
 *
 * @throws ContrastError as `readCollateralFile`
 */
export async function collateralFilesOf(flags: ParsedFlags): Promise<readonly CollateralItem[]> {
  const paths = flags.strings("collateral");
  if (paths.length === 0) return [];
  const { readCollateralFile } = await import("../attestation/collateral/read-collateral-file.ts");
  return (await Promise.all(paths.map(readCollateralFile))).flat();
}
