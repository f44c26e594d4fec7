import { ContrastError } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import type { ManifestHistory } from "../rpc/coordinator-session.ts";

/** What stands for the predecessor of the first manifest. */
export const NO_TRANSITION: Uint8Array = new Uint8Array(32);

/**
 * Requires that a Coordinator is in the state that an atomic change is meant for. The Coordinator checks that again when
 * it commits the change; here it is found out whether it can, since one of version 1.4 would not look at the transition.
 *
 * @param history undefined where no manifest is set
 * @param expected 32 bytes, zeros for no manifest
 * @throws ContrastError `client/atomic-unsupported`, `client/transition-stale`
 */
export function requireTransition(history: ManifestHistory | undefined, expected: Uint8Array): void {
  const { latestTransition: actual } = history ?? { latestTransition: NO_TRANSITION };
  if (actual === undefined) {
    throw new ContrastError(
      "client/atomic-unsupported",
      "Cannot set the manifest atomically: the Coordinator does not tell its latest transition",
      { hint: "Set it without --atomic, or deploy a Coordinator of this program." },
    );
  }
  if (sameBytes(actual, expected)) return;
  throw new ContrastError(
    "client/transition-stale",
    `Cannot set the manifest: the latest transition is ${actual.toHex()}, expected ${expected.toHex()}`,
    {
      hint: 'Somebody else set a manifest, or you did: run "contrast verify" to see what is in force.',
      details: { actual: actual.toHex(), expected: expected.toHex() },
    },
  );
}
