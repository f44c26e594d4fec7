import { ContrastError } from "../lib/errors.ts";
import type { Logger } from "../lib/log.ts";
import { sameBytes } from "../lib/same-bytes.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import type { Manifest } from "../manifest/schema.ts";
import type { CoordinatorSession } from "../rpc/coordinator-session.ts";

/**
 * The manifest that was in force before the one that was just set. It only serves hints: whatever goes wrong is logged.
 *
 * @param manifestBytes what was set
 * @returns undefined where it cannot be told
 */
export async function previousManifest(
  session: CoordinatorSession,
  manifestBytes: Uint8Array,
  log: Logger,
): Promise<Manifest | undefined> {
  try {
    const { manifests } = await session.getManifests();
    const previous = manifests.at(-2);
    const active = manifests.at(-1);
    if (previous === undefined || active === undefined || !sameBytes(active, manifestBytes)) return undefined;
    return parseManifest(previous, "the previous manifest");
  } catch (error) {
    if (!(error instanceof ContrastError)) throw error;
    log.debug("cannot tell which policies changed", { code: error.code, message: error.message });
    return undefined;
  }
}
