import { join } from "node:path";
import {
  type CollateralCache,
  NO_COLLATERAL_CACHE,
  openCollateralCache,
} from "../attestation/collateral/collateral-cache.ts";
import { createCollateralGatherer } from "../attestation/collateral/create-gatherer.ts";
import type { FetchCollateral } from "../attestation/collateral/fetcher.ts";
import { parseMirror } from "../attestation/collateral/mirror.ts";
import type { CollateralItem } from "../attestation/collateral-need.ts";
import type { GatherCollateral } from "../attestation/gather-collateral.ts";
import { type TrustRoots, embeddedTrustRoots, insecureTrustRoots } from "../attestation/trust-roots.ts";
import { cacheDirectory } from "../lib/cache-directory.ts";
import { ContrastError } from "../lib/errors.ts";
import { readBytes, readText } from "../lib/files.ts";
import { parseInstant } from "../lib/instant.ts";
import { sleep } from "../lib/sleep.ts";
import type { ParsedFlags } from "../terminal/command-definition.ts";
import { invalidArgument } from "../terminal/flag-grammar.ts";
import type { Io } from "../terminal/io.ts";
import { COLLATERAL_FLAGS } from "./collateral-flags.ts";

/** What the flags of `COLLATERAL_FLAGS` mean for one run. */
export interface CollateralOptions {
  /** The time at which validity is judged. */
  readonly at: Date;
  readonly offline: boolean;
  readonly roots: TrustRoots;
  readonly gather: GatherCollateral;
  readonly sources: CollateralSources;
}

/** Where `gather` looks, for those who look there themselves. */
export interface CollateralSources {
  readonly files: readonly CollateralItem[];
  readonly cache: CollateralCache;
  /** Undefined with `--offline`. */
  readonly fetch: FetchCollateral | undefined;
  /** Undefined where the environment names no place for a cache. */
  readonly cacheDirectory: string | undefined;
}

const MAX_PEM_BYTES = 1024 * 1024;

/**
 * Makes what a command needs to get and judge collateral. Files that flags name are read now, so that mistakes are told
 * before anything is asked for; the network is loaded when it is needed. Roots of a file are warned of every time.
 *
 * @param totalTimeoutMs for the requests of one verification; 30 s unless given
 * @throws UsageError `terminal/invalid-argument`; ContrastError `attestation/mirror-invalid`,
 *   `attestation/mirror-ca-invalid`, and those of the files
 */
export async function collateralOptionsOf(
  flags: ParsedFlags,
  io: Io,
  totalTimeoutMs?: number,
): Promise<CollateralOptions> {
  const { now, log } = io;
  const at = timeOf(flags, io);
  const offline = flags.boolean("offline");
  const fetch = await fetcherOf(flags, io);
  const roots = await rootsOf(flags, io);
  const directory = cacheDirectory(io.env);
  const kds = directory === undefined ? undefined : join(directory, "kds");
  const sources: CollateralSources = {
    files: await filesOf(flags),
    cache: kds === undefined ? NO_COLLATERAL_CACHE : openCollateralCache(kds, log),
    fetch: offline ? undefined : fetch,
    cacheDirectory: kds,
  };
  return { at, offline, roots, sources, gather: createCollateralGatherer({ ...sources, now, log, totalTimeoutMs }) };
}

function timeOf(flags: ParsedFlags, io: Io): Date {
  const text = flags.string("at");
  if (text === "") return io.now();
  const at = parseInstant(text);
  const flag = COLLATERAL_FLAGS.find(({ name }) => name === "at");
  if (at !== undefined) return at;
  if (flag === undefined) throw new ContrastError("lib/internal", 'Cannot read flag "at": not defined');
  throw invalidArgument(flag, text, "want a time such as 2026-01-31T12:00:00Z, or a date");
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

async function filesOf(flags: ParsedFlags): Promise<readonly CollateralItem[]> {
  const paths = flags.strings("collateral");
  if (paths.length === 0) return [];
  const { readCollateralFile } = await import("../attestation/collateral/read-collateral-file.ts");
  return (await Promise.all(paths.map(readCollateralFile))).flat();
}

async function rootsOf(flags: ParsedFlags, io: Io): Promise<TrustRoots> {
  const path = flags.string("insecure-trust-roots");
  if (path === "") return embeddedTrustRoots();
  io.err(
    `WARNING: trusting the roots in "${path}" in place of the vendors': no result says anything about real hardware`,
  );
  return insecureTrustRoots(await readBytes(path, "trust roots", MAX_PEM_BYTES), `trust roots "${path}"`);
}
