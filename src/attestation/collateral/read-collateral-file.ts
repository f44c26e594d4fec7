import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { ContrastError, messageOf } from "../../lib/errors.ts";
import { decodeUtf8, kindOfPath, readBytes } from "../../lib/files.ts";
import type { CollateralItem } from "../collateral-need.ts";
import { parseBundle, readBundle } from "./bundle-read.ts";
import { BUNDLE_INDEX_PATH, MAX_BUNDLE_FILES, MAX_BUNDLE_INDEX_BYTES } from "./bundle-layout.ts";
import { parseCollateralJson } from "./collateral-json.ts";
import { MAX_BODY_BYTES } from "./collateral-limits.ts";

const MAX_FILE_BYTES = 256 * 1024 * 1024;
const USTAR_OFFSET = 257;

/**
 * Reads what a user names as collateral: a bundle, a directory with the files of one, or TDX collateral in JSON. Which
 * of them it is, is seen from the content.
 *
 * @throws ContrastError `attestation/collateral-file-invalid`, `attestation/bundle-invalid`, `lib/tar-invalid`,
 *   `lib/file-unreadable`, `lib/file-too-large`
 */
export async function readCollateralFile(path: string): Promise<readonly CollateralItem[]> {
  if ((await kindOfPath(path)) === "directory") {
    const what = `collateral bundle "${path}"`;
    return parseBundle(await readDirectory(path, what), what);
  }
  const bytes = await readBytes(path, "collateral", MAX_FILE_BYTES);
  if (isTar(bytes)) return readBundle(bytes, `collateral bundle "${path}"`);
  if (isJson(bytes)) {
    const what = `collateral "${path}"`;
    return parseCollateralJson(decodeUtf8(bytes, what), what);
  }
  throw new ContrastError(
    "attestation/collateral-file-invalid",
    `Cannot read collateral "${path}": neither a bundle nor TDX collateral in JSON`,
    { hint: 'Make a bundle with "contrast collateral export".', details: { path } },
  );
}

async function readDirectory(root: string, what: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    throw new ContrastError("lib/file-unreadable", `Cannot read ${what}: ${messageOf(error)}`, { cause: error });
  });
  if (entries.length > MAX_BUNDLE_FILES) {
    throw new ContrastError("attestation/bundle-invalid", `Cannot read ${what}: more than ${MAX_BUNDLE_FILES} files`, {
      details: { limit: MAX_BUNDLE_FILES },
    });
  }
  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const file = join(entry.parentPath, entry.name);
    const path = relative(root, file).split(sep).join("/");
    if (!entry.isFile()) {
      throw new ContrastError("attestation/bundle-invalid", `Cannot read ${what}: "${path}" is not a regular file`);
    }
    const limit = path === BUNDLE_INDEX_PATH ? MAX_BUNDLE_INDEX_BYTES : MAX_BODY_BYTES;
    files.set(path, await readBytes(file, "collateral", limit));
  }
  return files;
}

function isTar(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(USTAR_OFFSET, USTAR_OFFSET + 5)) === "ustar";
}

function isJson(bytes: Uint8Array): boolean {
  return /^\s*\{/.test(new TextDecoder("latin1").decode(bytes.subarray(0, 1024)));
}
