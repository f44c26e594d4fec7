import { ContrastError } from "../lib/errors.ts";
import type { AuthorityParts } from "./authority-parts.ts";
import { hashTransition, type Transition } from "./history/transition.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a transition of the history refers to, and itself. */
export interface ManifestObjects {
  readonly policies: Iterable<Uint8Array>;
  readonly manifest: Uint8Array;
  readonly transition: Transition;
}

/**
 * Stores a manifest and makes it the one in force. Where another one came first, little or nothing is written.
 *
 * Where it stays uncertain whether the history advanced, memory stays as it is, and the next `sync` follows what the
 * store says.
 *
 * @param base the snapshot that the new manifest was checked against
 * @throws ContrastError `coordinator/store-failed`, `coordinator/history-changed`
 */
export async function commitManifest(
  parts: AuthorityParts,
  base: Snapshot | undefined,
  objects: ManifestObjects,
  next: Omit<Snapshot, "latest">,
): Promise<void> {
  await parts.writers.run(async () => {
    await storeObjects(parts, base, objects);
    await advance(parts, base, objects.transition, next);
  });
}

/** What the history is going to name; objects that it never names do no harm. */
async function storeObjects(
  parts: AuthorityParts,
  base: Snapshot | undefined,
  { policies, manifest, transition }: ManifestObjects,
): Promise<void> {
  const { history } = parts;
  for (const policy of policies) {
    requireUnchanged(parts, base);
    await storing("setting policy", () => history.putPolicy(policy));
  }
  requireUnchanged(parts, base);
  await storing("setting manifest", () => history.putManifest(manifest));
  await storing("setting transition", () => history.putTransition(transition));
}

/** The commit point, and at once the change of memory: nobody in this process sees one without the other. */
async function advance(
  parts: AuthorityParts,
  base: Snapshot | undefined,
  transition: Transition,
  next: Omit<Snapshot, "latest">,
): Promise<void> {
  const { history, cell, exclusive } = parts;
  await exclusive.run(async () => {
    requireUnchanged(parts, base);
    const { transactionKey } = next.seedEngine;
    const hash = hashTransition(transition);
    const latest = await storing("setting latest", () => history.advance(base?.latest, hash, transactionKey));
    cell.compareAndSwap(base, { ...next, latest });
    parts.onGeneration(next.generation);
  });
}

function requireUnchanged({ cell }: AuthorityParts, base: Snapshot | undefined): void {
  if (cell.current === base) return;
  throw new ContrastError(
    "coordinator/history-changed",
    "Cannot set the manifest: setting latest: the latest transition has changed since last read",
  );
}

async function storing<T>(step: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const isConflict = error instanceof ContrastError && error.code === "coordinator/history-changed";
    const code = isConflict ? "coordinator/history-changed" : "coordinator/store-failed";
    throw new ContrastError(code, `Cannot set the manifest: ${step}`, { cause: error });
  }
}
