import { join } from "node:path";
import { LATEST_TRANSITION_FILE, readLatestTransition } from "../../client/latest-transition-file.ts";
import { NO_TRANSITION } from "../../client/require-transition.ts";
import type { ParsedFlags } from "../../terminal/command-definition.ts";
import { hexFlag } from "../hex-flag.ts";
import { OUTPUT_DIRECTORY } from "./output-directory.ts";

const HASH_BYTES = 32;

/**
 * The transition that an atomic change must follow: that of the flag, else the one that `verify` saw last, else none.
 *
 * @returns 32 bytes; undefined where the change need not be atomic
 * @throws UsageError `terminal/invalid-argument`; ContrastError as `readLatestTransition`
 */
export async function previousTransitionOf(flags: ParsedFlags): Promise<Uint8Array | undefined> {
  const given = hexFlag(flags, "latest-transition", HASH_BYTES);
  if (given !== undefined || !flags.boolean("atomic")) return given;
  const path = join(flags.string("workspace-dir"), OUTPUT_DIRECTORY, LATEST_TRANSITION_FILE);
  return (await readLatestTransition(path)) ?? NO_TRANSITION;
}
