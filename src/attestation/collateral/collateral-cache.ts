import { mkdir, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "../../lib/digest.ts";
import { messageOf } from "../../lib/errors.ts";
import { readBytes, writeFileAtomically } from "../../lib/files.ts";
import type { Logger } from "../../lib/log.ts";
import type { CollateralItem, CollateralNeed } from "../collateral-need.ts";
import { MAX_BODY_BYTES, MAX_SIDECAR_BYTES } from "./collateral-limits.ts";
import { collateralUrl } from "./collateral-url.ts";

/**
 * Collateral kept between runs. Several processes may use one directory: files are written under a temporary name and
 * renamed, first the body, then the sidecar that holds its digest. Files that do not fit together count as missing, and
 * a cache that cannot be written costs a warning, never the run.
 *
 *     <hex>        body, as its vendor served it; named by SHA-256 of the vendor's address
 *     <hex>.json   sidecar: address, time, headers, SHA-256 of the body
 */
export interface CollateralCache {
  /** Nothing in the answer is verified. */
  read(need: CollateralNeed): Promise<CollateralItem | undefined>;
  write(item: CollateralItem): Promise<void>;
  /** All entries in the order of their addresses, and the names of files that are damaged or half written. */
  list(): Promise<CacheListing>;
  /** Removes an entry; harmless if it is gone. */
  remove(need: CollateralNeed): Promise<void>;
  /** Removes a file that `list` called damaged. */
  removeDamaged(name: string): Promise<void>;
}

/** What is in a cache. */
export interface CacheListing {
  readonly items: readonly CollateralItem[];
  readonly damaged: readonly DamagedFile[];
}

/** A file of the cache that belongs to no entry. */
export interface DamagedFile {
  readonly name: string;
  readonly changedAt: Date;
}

const PRIVATE_DIRECTORY = 0o700;
/** Bodies, sidecars, and what a killed process left of either. */
const OWN_FILE = /^(?:\.[0-9a-f]{64}(?:\.json)?\.[0-9a-f]+\.tmp|[0-9a-f]{64}(?:\.json)?)$/;
const BODY_FILE = /^[0-9a-f]{64}$/;

/** Keeps nothing; for environments that name no directory. */
export const NO_COLLATERAL_CACHE: CollateralCache = {
  read: async () => undefined,
  write: async () => {},
  list: async () => ({ items: [], damaged: [] }),
  remove: async () => {},
  removeDamaged: async () => {},
};

/** File name of a body in the cache; the sidecar adds `.json`. */
export function cacheFileName(url: string): string {
  return sha256Hex(url);
}

/** Opens the cache in a directory, which is made on the first write. */
export function openCollateralCache(directory: string, log: Logger): CollateralCache {
  let isWritable = true;
  const readNamed = async (name: string): Promise<CollateralItem | undefined> => {
    const path = join(directory, name);
    const [sidecar, body] = await Promise.all([
      readBytes(`${path}.json`, "cache entry", MAX_SIDECAR_BYTES).catch(() => undefined),
      readBytes(path, "cache entry", MAX_BODY_BYTES).catch(() => undefined),
    ]);
    if (sidecar === undefined || body === undefined) return undefined;
    // Many verifications find all they need in the evidence; these do without the code for what is in the files.
    const { readEntry } = await import("./cache-entry.ts");
    const item = readEntry(body, sidecar);
    if (item !== undefined && cacheFileName(item.url) === name) return item;
    log.info("ignoring a damaged entry of the collateral cache", { path });
    return undefined;
  };
  const remove = async (name: string): Promise<void> => {
    await unlink(join(directory, name)).catch(() => {});
  };
  return {
    read: (need) => readNamed(cacheFileName(collateralUrl(need))),
    write: async (item) => {
      if (!isWritable) return;
      const path = join(directory, cacheFileName(collateralUrl(item.need)));
      try {
        const { encodeSidecar } = await import("./cache-entry.ts");
        await mkdir(directory, { recursive: true, mode: PRIVATE_DIRECTORY });
        await writeFileAtomically(path, item.body);
        await writeFileAtomically(`${path}.json`, encodeSidecar(item));
      } catch (error) {
        // Of several pieces at once the first one tells.
        if (isWritable) log.warn("cannot write to the collateral cache", { directory, reason: messageOf(error) });
        isWritable = false;
      }
    },
    list: async () => {
      const names = (await readdir(directory).catch((): string[] => [])).filter((name) => OWN_FILE.test(name));
      const bodies = names.filter((name) => BODY_FILE.test(name));
      const found = await Promise.all(bodies.map(async (name) => ({ name, item: await readNamed(name) })));
      const items = found.flatMap(({ item }) => item ?? []);
      const good = new Set(found.flatMap(({ name, item }) => (item === undefined ? [] : [name, `${name}.json`])));
      const damaged = names.filter((name) => !good.has(name)).map((name) => describeFile(directory, name));
      return {
        items: items.toSorted((a, b) => compare(a.url, b.url)),
        damaged: (await Promise.all(damaged)).flatMap((file) => file ?? []).toSorted((a, b) => compare(a.name, b.name)),
      };
    },
    remove: async (need) => {
      const name = cacheFileName(collateralUrl(need));
      // Another process that reads between the two steps finds no entry, and no torn one.
      await remove(`${name}.json`);
      await remove(name);
    },
    removeDamaged: async (name) => {
      if (OWN_FILE.test(name)) await remove(name);
    },
  };
}

async function describeFile(directory: string, name: string): Promise<DamagedFile | undefined> {
  const found = await stat(join(directory, name)).catch(() => undefined);
  return found === undefined ? undefined : { name, changedAt: found.mtime };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
