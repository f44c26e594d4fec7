import { orAborted, startDeadline } from "../lib/deadline.ts";
import { ContrastError, messageChainOf } from "../lib/errors.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import type { Manifest } from "../manifest/schema.ts";
import type { CoordinatorSession } from "../rpc/coordinator-session.ts";
import type { ClientServices } from "./set-manifest.ts";

/** A hint is not worth a longer wait. */
const PATIENCE_MS = 10_000;

/**
 * The manifest that was in force before the one that was just set. It only serves hints: whatever goes wrong is logged.
 *
 * @param manifestBytes what was set
 * @returns undefined where it cannot be told
 */
export async function previousManifest(
  session: CoordinatorSession,
  manifestBytes: Uint8Array,
  { log, signal }: Pick<ClientServices, "log" | "signal">,
): Promise<Manifest | undefined> {
  const deadline = startDeadline(PATIENCE_MS, signal);
  try {
    const { manifests } = await orAborted(session.getManifests(), deadline.signal);
    const previous = manifests.at(-2);
    const active = manifests.at(-1);
    if (previous === undefined || active === undefined || !sameBytes(active, manifestBytes)) return undefined;
    return parseManifest(previous, "the previous manifest");
  } catch (error) {
    if (!(error instanceof ContrastError || deadline.signal.aborted)) throw error;
    log.debug("cannot tell which policies changed", { message: messageChainOf(error) });
    return undefined;
  } finally {
    deadline.stop();
  }
}
