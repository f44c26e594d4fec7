import { decodeUtf8, writeFileAtomically } from "../../lib/files.ts";
import { encodeManifest } from "../../manifest/manifest-json.ts";
import type { Manifest } from "../../manifest/schema.ts";
import type { MeasuredManifest } from "../../manifest/set-snp-measurements.ts";
import type { Io } from "../../terminal/io.ts";
import { UsageError } from "../../terminal/usage-error.ts";
import { STANDARD_INPUT } from "../read-input.ts";
import { readManifest } from "../read-manifest.ts";

/** A manifest that is ready to be written. */
export interface PreparedManifest {
  readonly path: string;
  readonly set: MeasuredManifest["set"];
  /** Replaces the file at once and whole. */
  write(): Promise<void>;
}

/**
 * Reads the manifest of `--write` and sets measurements in it. The file is not touched before `write`.
 *
 * @throws UsageError `terminal/invalid-argument` for standard input; ContrastError of `readManifest` and of `set`
 */
export async function prepareManifest(
  path: string,
  set: (manifest: Manifest) => MeasuredManifest,
  io: Io,
): Promise<PreparedManifest> {
  if (path === STANDARD_INPUT) {
    throw new UsageError("terminal/invalid-argument", 'invalid argument "-" for "--write" flag: want a file');
  }
  const read = await readManifest(path, io);
  const measured = set(read.manifest);
  const text = encodeManifest(measured.manifest);
  if (encodeManifest(read.manifest) !== decodeUtf8(read.bytes, read.what)) {
    io.err("Warning: the manifest was formatted by something else than contrast; its formatting changes too.");
  }
  return { path, set: measured.set, write: () => writeFileAtomically(path, text) };
}
