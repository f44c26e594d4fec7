import { sha256Hex } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import { sameBytes } from "../../lib/same-bytes.ts";
import { type LatestTransition, MAX_LATEST_BYTES, parseLatest } from "./latest-transition.ts";
import type { StoreDirectory } from "./store-directory.ts";
import { isUnwritable, storeError } from "./store-error.ts";
import { storeKey } from "./store-key.ts";

const LATEST = "transitions/latest";
const NOTHING = new Uint8Array(0);

/** More than any history has. */
const MAX_CLAIMS = 100_000;

/** Each one more means that somebody else has committed meanwhile. */
const MAX_SETTLE_ROUNDS = 8;

/** The one value of a history that changes. */
export interface LatestRegister {
  read(): Promise<LatestTransition | undefined>;
  swap(expected: LatestTransition | undefined, next: LatestTransition): Promise<LatestTransition>;
}

interface RegisterState {
  readonly latest: LatestTransition | undefined;
  /** Whether `transitions/latest` says something older. */
  readonly isBehind: boolean;
}

/**
 * Compare-and-swap of `transitions/latest` between processes, without locks that a killed process could leave behind.
 *
 * Whoever wants to replace a value links a file with the new one to `claims/<SHA-256 of the old value>`. A name can be
 * linked once, so there is one winner, and that link, made durable, is the commit. Then the new value is renamed onto
 * `transitions/latest`. The value of the register is the end of the path that the claims lead from whatever
 * `transitions/latest` holds: a process that dies before its rename loses nothing, and one that renames long after
 * others have gone on takes nothing back. Values never repeat, since signatures are random. Claims are kept for good.
 */
export function openLatestRegister(store: StoreDirectory): LatestRegister {
  return {
    read: async () => (await settle(store)).latest,
    swap: async (expected, next) => {
      const { latest } = await settle(store);
      if (!sameBytes(latest?.bytes ?? NOTHING, expected?.bytes ?? NOTHING)) throw hasChanged();
      await commit(store, expected, next);
      return next;
    },
  };
}

async function commit(
  store: StoreDirectory,
  expected: LatestTransition | undefined,
  next: LatestTransition,
): Promise<void> {
  const claim = await store.stage("claims", next.bytes);
  try {
    // Before the commit, so that a full disk is noticed while nothing has happened yet.
    const replacement = await store.stage("transitions", next.bytes);
    try {
      if (!(await linkOrLook(store, () => claim.linkTo(claimOf(expected)), expected, next))) throw hasChanged();
      await syncCommit(store);
      await tryAfterCommit(async () => {
        await replacement.renameTo(LATEST);
        await store.sync("transitions");
      });
    } finally {
      await replacement.discard();
    }
  } finally {
    await claim.discard();
  }
  // Somebody may have gone on from here before the rename above, which then went back.
  await tryAfterCommit(() => settle(store));
}

/** A disk that reports a failure may have linked nonetheless. */
async function linkOrLook(
  store: StoreDirectory,
  link: () => Promise<boolean>,
  expected: LatestTransition | undefined,
  next: LatestTransition,
): Promise<boolean> {
  try {
    return await link();
  } catch (error) {
    if (!isUnwritable(error)) throw error;
    const found = await readAfterFailure(store, claimOf(expected));
    if (found !== undefined && sameBytes(found, next.bytes)) return true;
    throw error;
  }
}

async function readAfterFailure(store: StoreDirectory, key: string): Promise<Uint8Array | undefined> {
  try {
    return await store.read(key, MAX_LATEST_BYTES);
  } catch (error) {
    throw error instanceof ContrastError ? uncertain(error) : error;
  }
}

async function syncCommit(store: StoreDirectory): Promise<void> {
  try {
    await store.sync("claims");
  } catch (error) {
    throw error instanceof ContrastError ? uncertain(error) : error;
  }
}

/** Brings `transitions/latest` to the end of the claims, if the disk lets it; what is returned is durable. */
async function settle(store: StoreDirectory): Promise<RegisterState> {
  let state = await follow(store);
  for (let round = 0; state.isBehind && round < MAX_SETTLE_ROUNDS; round++) {
    const end = state.latest;
    await store.sync("claims");
    if (end === undefined) break;
    try {
      const replacement = await store.stage("transitions", end.bytes);
      try {
        await replacement.renameTo(LATEST);
      } finally {
        await replacement.discard();
      }
      await store.sync("transitions");
    } catch (error) {
      if (!isUnwritable(error)) throw error;
      break;
    }
    state = await follow(store);
  }
  return state;
}

async function follow(store: StoreDirectory): Promise<RegisterState> {
  let latest = await readEntry(store, LATEST);
  const passed = new Set<string>();
  for (;;) {
    const key = claimOf(latest);
    const next = await readEntry(store, key);
    if (next === undefined) return { latest, isBehind: passed.size > 0 };
    if (passed.has(key) || passed.size >= MAX_CLAIMS) {
      throw new ContrastError(
        "coordinator/history-corrupt",
        `Cannot read "${key}" of the history: claims have no end`,
        {
          details: { object: key },
        },
      );
    }
    passed.add(key);
    latest = next;
  }
}

async function readEntry(store: StoreDirectory, key: string): Promise<LatestTransition | undefined> {
  const bytes = await store.read(key, MAX_LATEST_BYTES);
  if (bytes === undefined) return undefined;
  try {
    return parseLatest(bytes);
  } catch (error) {
    throw storeError(error, "read", key);
  }
}

/** The name under which the successor of a value is claimed. */
function claimOf(value: LatestTransition | undefined): string {
  return storeKey("claims", sha256Hex(value?.bytes ?? NOTHING));
}

function hasChanged(): ContrastError {
  return new ContrastError(
    "coordinator/history-changed",
    `Cannot set latest transition: object "${LATEST}" has changed since last read`,
    { hint: "Somebody else has set a manifest; look at it and try again." },
  );
}

function uncertain(cause: ContrastError): ContrastError {
  return new ContrastError(
    "coordinator/history-uncertain",
    "Cannot tell whether the new transition is on disk: the disk failed at the moment of the change",
    {
      cause,
      hint: "Check the volume, and read the manifest history before setting a manifest again.",
      details: { ...cause.details, object: LATEST },
    },
  );
}

/** The change is durable already; what the disk does not let be finished now, the next reader finishes. */
async function tryAfterCommit(step: () => Promise<unknown>): Promise<void> {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
  }
}
