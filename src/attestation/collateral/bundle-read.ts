import * as v from "valibot";
import { sha256Hex } from "../../lib/digest.ts";
import { ContrastError } from "../../lib/errors.ts";
import { decodeUtf8 } from "../../lib/files.ts";
import { parseJson } from "../../lib/json.ts";
import { readTarFiles } from "../../lib/tar/read-tar-files.ts";
import { visibleText } from "../../lib/visible-text.ts";
import type { CollateralItem } from "../collateral-need.ts";
import {
  BUNDLE_INDEX_PATH,
  type BundleIndex,
  MAX_BUNDLE_FILES,
  MAX_BUNDLE_INDEX_BYTES,
  bundleChainPath,
  bundleIndexSchema,
  bundlePath,
} from "./bundle-layout.ts";
import { MAX_BODY_BYTES } from "./collateral-limits.ts";
import { parseCollateralUrl } from "./collateral-url.ts";
import { issuerChainHeader } from "./describe-need.ts";
import { decodeIssuerChain } from "./issuer-chain.ts";

/**
 * Reads a bundle from its archive.
 *
 * @param what named in messages, such as `collateral bundle "bundle.tar"`
 * @throws ContrastError `lib/tar-invalid`, and what `parseBundle` throws
 */
export function readBundle(archive: Uint8Array, what: string): readonly CollateralItem[] {
  const limits = { maxFiles: MAX_BUNDLE_FILES, maxFileBytes: MAX_BUNDLE_INDEX_BYTES };
  return parseBundle(readTarFiles(archive, what, limits), what);
}

/**
 * Reads the files of a bundle. All of it must fit together: each entry has its file with the digest that it names, at
 * the place that its address gives it, and there is no file besides. What vendors signed is not verified here.
 *
 * @param files contents by path
 * @throws ContrastError `attestation/bundle-invalid`
 */
export function parseBundle(files: ReadonlyMap<string, Uint8Array>, what: string): readonly CollateralItem[] {
  const refuse = (fact: string, cause?: unknown): ContrastError =>
    new ContrastError("attestation/bundle-invalid", `Cannot read ${what}: ${fact}`, { cause });
  const index = parseIndex(files.get(BUNDLE_INDEX_PATH), refuse);
  const unlisted = new Map(files);
  unlisted.delete(BUNDLE_INDEX_PATH);
  const take = (path: string): Uint8Array => {
    const content = unlisted.get(path);
    if (content === undefined) throw refuse(`"${path}" is ${files.has(path) ? "listed twice" : "missing"}`);
    unlisted.delete(path);
    if (content.length > MAX_BODY_BYTES) {
      throw refuse(`"${path}" has ${content.length} bytes, limit ${MAX_BODY_BYTES}`);
    }
    return content;
  };
  const items = index.entries.map((entry) => readEntry(entry, take, refuse));
  const [stray] = unlisted.keys();
  if (stray !== undefined) throw refuse(`"${visibleText(stray)}" is not listed in ${BUNDLE_INDEX_PATH}`);
  return items;
}

type Refuse = (fact: string, cause?: unknown) => ContrastError;

function parseIndex(bytes: Uint8Array | undefined, refuse: Refuse): BundleIndex {
  if (bytes === undefined) throw refuse(`it has no ${BUNDLE_INDEX_PATH}`);
  try {
    const text = decodeUtf8(bytes, BUNDLE_INDEX_PATH);
    const json = parseJson(text, BUNDLE_INDEX_PATH, { maxBytes: MAX_BUNDLE_INDEX_BYTES, maxDepth: 8 });
    return v.parse(bundleIndexSchema, json);
  } catch (error) {
    throw refuse(`${BUNDLE_INDEX_PATH} does not have the form of version 1`, error);
  }
}

function readEntry(
  entry: BundleIndex["entries"][number],
  take: (path: string) => Uint8Array,
  refuse: Refuse,
): CollateralItem {
  const { url, path, sha256, fetchedAt, headers } = entry;
  const need = parseCollateralUrl(url);
  if (need === undefined) throw refuse(`"${visibleText(url)}" is not the address of any collateral`);
  if (path !== bundlePath(need)) throw refuse(`"${visibleText(path)}" is not the place of ${url}`);
  const body = take(path);
  const actual = sha256Hex(body);
  if (actual !== sha256) throw refuse(`"${path}" has SHA-256 ${actual}, want ${sha256}`);
  return {
    need,
    url,
    body,
    issuerChainPem: readChain(),
    origin: "bundle",
    fetchedAt: fetchedAt === null ? undefined : new Date(fetchedAt),
    note: undefined,
  };

  function readChain(): string | undefined {
    const header = need === undefined ? undefined : issuerChainHeader(need);
    const chainPath = need === undefined ? undefined : bundleChainPath(need);
    if (header === undefined || chainPath === undefined) return undefined;
    const pem = new TextDecoder().decode(take(chainPath));
    try {
      if (decodeIssuerChain(headers[header] ?? "", url) === pem) return pem;
    } catch (error) {
      throw refuse(`the issuer chain of ${url} is damaged`, error);
    }
    throw refuse(`"${chainPath}" is not the issuer chain that ${BUNDLE_INDEX_PATH} holds`);
  }
}
