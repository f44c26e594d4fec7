import { dirname, join } from "node:path";
import type { Disk } from "../../lib/disk.ts";
import { ContrastError } from "../../lib/errors.ts";
import { randomHex } from "../../lib/random.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { isUnwritable, storeError } from "./store-error.ts";
import { STORE_AREAS, type StoreArea } from "./store-key.ts";

/** No key has a dot, so that a temporary file can never be taken for an object. */
const TEMPORARY = /^\.[0-9a-f]{24}\.tmp$/;

/** No write takes so long; a younger file may belong to another process. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/** A durable file without a name in the store; `discard` is harmless after `renameTo`. */
export interface StagedObject {
  /** Gives it its name in place of whatever has it. */
  renameTo(key: string): Promise<void>;
  /** Gives it a name that is free; false when the name is taken. */
  linkTo(key: string): Promise<boolean>;
  /** Removes it; what the disk says to that does not matter. */
  discard(): Promise<void>;
}

/**
 * The files of a history. Every method throws ContrastError `coordinator/history-unwritable`,
 * `coordinator/history-unreadable` or `coordinator/history-corrupt` (something that is not a file, or too large).
 */
export interface StoreDirectory {
  read(key: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Whether there is a file, and with this content. */
  compare(key: string, bytes: Uint8Array): Promise<"same" | "other" | "nothing">;
  /** Writes a file for an area, whose directory is made if it is missing. */
  stage(area: StoreArea, bytes: Uint8Array): Promise<StagedObject>;
  /** Makes the names in an area durable. */
  sync(area: StoreArea): Promise<void>;
}

/** Looks at the directories, and removes temporary files of processes that ended long ago. */
export async function createStoreDirectory(root: string, disk: Disk): Promise<StoreDirectory> {
  await requireParent(root, disk);
  await during("open", root, () => disk.list(root));
  for (const area of STORE_AREAS) await removeAbandoned(disk, join(root, area), area);
  const made = new Set<string>();
  /** Another process may have made a directory a moment ago, so its name is synced in any case, but only once. */
  const makeDurable = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    await disk.makeDirectory(path);
    await disk.syncDirectory(dirname(path));
    made.add(path);
  };
  const pathOf = (key: string): string => join(root, key);
  return {
    read: (key, maxBytes) => during("read", key, () => disk.read(pathOf(key), maxBytes)),
    compare: (key, bytes) => during("read", key, () => compare(disk, pathOf(key), bytes)),
    sync: (area) => during("write", area, () => disk.syncDirectory(pathOf(area))),
    stage: async (area, bytes) => {
      const temporary = pathOf(`${area}/.${randomHex(12)}.tmp`);
      await during("write", area, async () => {
        await makeDurable(root);
        await makeDurable(pathOf(area));
        await disk.createExclusive(temporary, bytes);
      });
      return {
        renameTo: (key) => during("write", key, () => disk.rename(temporary, pathOf(key))),
        linkTo: (key) => during("write", key, () => disk.link(temporary, pathOf(key))),
        discard: () => ignoreUnwritable(during("remove", area, () => disk.unlink(temporary))),
      };
    },
  };
}

/** Where a volume is not mounted, a history must not look as if it were empty. */
async function requireParent(root: string, disk: Disk): Promise<void> {
  const parent = dirname(root);
  if ((await disk.age(parent)) !== undefined) return;
  throw new ContrastError("coordinator/history-unreadable", `Cannot open history "${root}": "${parent}" is not there`, {
    hint: "Mount the volume of the history, or make the directory that it is to be in.",
    details: { path: parent },
  });
}

async function during<T>(action: string, key: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw storeError(error, action, key);
  }
}

async function ignoreUnwritable(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isUnwritable(error)) throw error;
  }
}

async function compare(disk: Disk, path: string, bytes: Uint8Array): Promise<"same" | "other" | "nothing"> {
  try {
    const found = await disk.read(path, bytes.length);
    if (found === undefined) return "nothing";
    return sameBytes(found, bytes) ? "same" : "other";
  } catch (error) {
    if (error instanceof ContrastError && error.code === "lib/file-too-large") return "other";
    throw error;
  }
}

async function removeAbandoned(disk: Disk, directory: string, area: StoreArea): Promise<void> {
  const names = (await during("open", area, () => disk.list(directory))) ?? [];
  for (const name of names.filter((name) => TEMPORARY.test(name))) {
    const path = join(directory, name);
    const ageMs = await disk.age(path);
    if (ageMs === undefined || ageMs < ABANDONED_AFTER_MS) continue;
    await ignoreUnwritable(during("remove", area, () => disk.unlink(path)));
  }
}
