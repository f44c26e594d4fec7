import { join } from "node:path";
import { ContrastError } from "../lib/errors.ts";
import { parseManifest } from "../manifest/manifest-json.ts";
import type { Manifest } from "../manifest/schema.ts";
import type { ParsedFlags } from "../terminal/command-definition.ts";
import type { Io } from "../terminal/io.ts";
import { readInput } from "./read-input.ts";

/** More than any manifest. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** A manifest with its bytes, which are its identity. */
export interface ReadManifest {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly manifest: Manifest;
  /** Such as `manifest "manifest.json"`. */
  readonly what: string;
}

/**
 * Reads a manifest; nothing but its form is checked.
 *
 * @param path a file, or `-` for standard input
 * @throws ContrastError as `readInput` and `parseManifest`
 */
export async function readManifest(path: string, io: Io): Promise<ReadManifest> {
  const { bytes, what } = await readInput(path, "manifest", MAX_MANIFEST_BYTES, io).catch(refuseUnreadable);
  return { path, bytes, manifest: parseManifest(bytes, what), what };
}

/** Whoever has no manifest is told how to make one. */
function refuseUnreadable(error: unknown): never {
  if (!(error instanceof ContrastError) || error.code !== "lib/file-unreadable") throw error;
  throw new ContrastError(error.code, error.message, {
    cause: error.cause,
    hint: 'Make one with "contrast generate", or name the file that it wrote.',
    details: error.details,
  });
}

/** The manifest that the user names, else the one of the workspace. */
export function manifestPath(flags: ParsedFlags, named: string | undefined): string {
  return named ?? join(flags.string("workspace-dir"), "manifest.json");
}
